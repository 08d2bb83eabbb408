// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include <algorithm>

namespace backproof {
namespace {

// A backup that ends its service every time must not keep it from everything else.
constexpr int most_attempts = 3;

bool was_cut_off(const Run& run) {
  return run.cause == Cause::interrupted || run.cause == Cause::cancelled;
}

}  // namespace

Due next_due(const Target& target, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  const TimePoint next = target.schedule->next_after(now);
  return {next, "schedule", next};
}

Due first_due(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  if (!history.last_run) return {now, "first", {}};
  const Run& last = *history.last_run;
  if (was_cut_off(last) && last.attempt < most_attempts) return {now, "retry", {}};
  // What was not verified yet is known when the source was asked; there may be nothing.
  if (target.select.policy == Policy::every_new) return {now, "backlog", {}};
  // Times that passed while nothing ran here coalesce into one run.
  const TimePoint since = std::max(last.started, last.scheduled);
  const TimePoint missed = target.schedule->next_after(since);
  if (missed != TimePoint{} && missed <= now) return {now, "missed", missed};
  return next_due(target, now);
}

}  // namespace backproof
