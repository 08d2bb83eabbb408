// SPDX-License-Identifier: Apache-2.0
#include "runner/enter.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include "base/sqlite.h"
#include "base/text.h"

namespace backproof {
namespace {

// Far above what a verification needs, far below what would make a host swap.
constexpr std::uintmax_t memory_limit = 1U << 30U;

}  // namespace

Result<JailProof> close_the_door(const Sandbox& sandbox, const Limits& limits, Keeper* keeper) {
  // SQLite's sorter spills into a temporary file, and only the sandbox is writable.
  if (setenv("SQLITE_TMPDIR", sandbox.folder().c_str(), 1) != 0)
    return errno_error(Cause::internal, "cannot set SQLITE_TMPDIR");
  sqlite::bound_memory();
  // A write beyond the limit shall fail, with an error that can be told, and not kill.
  std::signal(SIGXFSZ, SIG_IGN);
  JailRules rules;
  rules.writable = sandbox.folder();
  rules.max_file = sandbox.budget();
  rules.max_memory = limits.memory == 0 ? memory_limit : std::min(memory_limit, limits.memory);
  if (keeper != nullptr) {
    rules.serve_connects = [keeper](Fd notifications) {
      return keeper->serve_connects(std::move(notifications));
    };
    rules.internet = keeper->is_named();
  }
  return enter_jail(rules);
}

std::string describe(const JailProof& proof) {
  const std::string level(name_of(proof.isolation));
  return proof.broken.empty() ? level + " (refused: " + text::join(proof.held, ", ") + ")"
                              : level + ", not held: " + text::join(proof.broken, ", ");
}

}  // namespace backproof
