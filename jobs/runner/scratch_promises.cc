// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch_promises.h"

#include <algorithm>
#include <numeric>

namespace backproof {
namespace {

constexpr std::uintmax_t mebibyte = 1U << 20U;

std::uintmax_t scaled(std::uintmax_t value, double by) {
  return static_cast<std::uintmax_t>(static_cast<double>(value) * by);
}

}  // namespace

std::uintmax_t scratch_needed(const Target& target, const TargetHistory& history,
                              std::uintmax_t bytes) {
  std::uintmax_t needed = scaled(bytes, 20) + 256 * mebibyte;
  const Boxed<Run>& restored = history.last_restored;
  if (restored && restored->backup.bytes > 0 && restored->resources.scratch > 0) {
    const double grown = static_cast<double>(bytes) / static_cast<double>(restored->backup.bytes);
    needed = scaled(restored->resources.scratch, std::max(grown, 0.1) * 1.25) + 16 * mebibyte;
  }
  if (history.last_run && history.last_run->cause == Cause::space)
    needed = std::max(needed, 2 * history.last_run->resources.scratch);
  return target.limits.scratch == 0 ? needed : std::min(needed, target.limits.scratch);
}

std::optional<std::uintmax_t> ScratchPromises::offer(std::uintmax_t needed,
                                                     std::uintmax_t available,
                                                     unsigned others) const {
  std::uintmax_t outstanding = 0;
  for (const auto& [run, bytes] : promised_) outstanding += bytes - std::min(bytes, used_(run));
  const std::uintmax_t left = available - std::min(available, outstanding);
  if (left < needed) return promised_.empty() ? std::optional(available) : std::nullopt;
  return needed + (left - needed) / (others + 1);
}

std::uintmax_t ScratchPromises::total() const {
  return std::accumulate(promised_.begin(), promised_.end(), std::uintmax_t{0},
                         [](std::uintmax_t sum, const auto& each) { return sum + each.second; });
}

}  // namespace backproof
