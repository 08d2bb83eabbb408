// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/standing.h"

namespace backproof::pages {
namespace {

Measure against(std::optional<Duration> value, Duration limit) {
  return {value, limit, value && limit > Duration{} && *value > limit};
}

Measure last_pass_of(const TargetState& state, TimePoint now) {
  const auto& passed = state.history.last_passed;
  const Duration limit = state.target->max_age;
  if (passed) return against(now - end_of(*passed), limit);
  Measure never = against(now - state.history.created, limit);
  never.value.reset();
  return never;
}

Measure newest_backup_of(const TargetState& state, TimePoint now) {
  const Inventory& inventory = state.inventory;
  if (inventory.newest && inventory.newest->created != TimePoint{})
    return against(now - inventory.newest->created, state.target->rpo);
  const bool none = inventory.listed != TimePoint{} && inventory.backups == 0;
  return {std::nullopt, state.target->rpo, none};
}

Status status_of(const TargetState& state, bool is_stale) {
  if (!state.target->enabled) return Status::disabled;
  const auto& last = state.history.last_run;
  // As its alert has it: an inconclusive run after a failed one proves nothing.
  if (state.history.failed_since_pass || (last && last->verdict == Verdict::failed))
    return Status::failed;
  if (is_stale) return Status::stale;
  if (!last) return Status::never_ran;
  return last->verdict == Verdict::passed ? Status::passed : Status::inconclusive;
}

}  // namespace

std::string_view name_of(Status status) {
  switch (status) {
    case Status::failed:
      return "failed";
    case Status::stale:
      return "stale";
    case Status::inconclusive:
      return "inconclusive";
    case Status::never_ran:
      return "never ran";
    case Status::passed:
      return "passed";
    case Status::disabled:
      return "disabled";
  }
  return "unknown";
}

std::string_view css_of(Status status) {
  return status == Status::never_ran ? "never" : name_of(status);
}

Standing standing_of(const TargetState& state, TimePoint now) {
  Standing standing;
  standing.last_pass = last_pass_of(state, now);
  standing.newest_backup = newest_backup_of(state, now);
  if (const auto& restored = state.history.last_restored)
    standing.restore = against(restore_time(*restored), state.target->rto);
  else
    standing.restore.limit = state.target->rto;
  standing.status = status_of(state, standing.last_pass.missed);
  return standing;
}

}  // namespace backproof::pages
