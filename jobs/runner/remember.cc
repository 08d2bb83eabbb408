// SPDX-License-Identifier: Apache-2.0
#include "runner/remember.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"

namespace backproof {
namespace {

auto identity(const Run& run) {
  return std::tie(run.backup.created, run.backup.id, run.backup.modified);
}

}  // namespace

Memory remember(const HistoryStore& history, const std::string& target, const Backup& backup) {
  // More than are remembered: of some nothing is taken.
  auto passed = history.list({target, Verdict::passed, 3 * memory_length});
  if (!passed) {
    log::warn("earlier passes cannot be read",
              {{"target", target}, {"error", passed.error().text}});
    return {};
  }
  std::erase_if(*passed, [&](const Run& run) {
    return run.backup.created > backup.created ||
           (run.backup.id == backup.id && run.backup.modified == backup.modified);
  });
  std::ranges::stable_sort(*passed,
                           [](const Run& a, const Run& b) { return identity(a) > identity(b); });
  const auto again = std::ranges::unique(
      *passed, [](const Run& a, const Run& b) { return identity(a) == identity(b); });
  passed->erase(again.begin(), again.end());
  if (passed->size() > memory_length) passed->resize(memory_length);
  return memory_of(*passed);
}

}  // namespace backproof
