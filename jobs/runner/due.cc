// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include <algorithm>

#include "model/start.h"

namespace backproof {
namespace {

// A backup that ends its service every time must not keep it from everything else.
constexpr int most_attempts = 3;

bool was_cut_off(const Run& run) {
  return run.cause == Cause::interrupted || run.cause == Cause::cancelled;
}

// Now, unless a blackout is in force.
Due at_once(const Target& target, TimePoint now, std::string trigger, TimePoint scheduled = {}) {
  return {target.blackout.free_from(now), std::move(trigger), scheduled};
}

}  // namespace

Due next_due(const Target& target, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  const Start next = next_start(target, *target.schedule, now);
  return {next.at, "schedule", next.scheduled};
}

// Since when there was a last run: whatever the schedule, jitter and blackout were then, its time
// does not come again.
TimePoint missed_time(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule || !history.last_run) return {};
  const Run& last = *history.last_run;
  TimePoint since = last.started;
  if (last.scheduled != TimePoint{}) since = std::max(since, start_of(target, last.scheduled));
  const Start missed = next_start(target, *target.schedule, since);
  return missed.at <= now ? missed.scheduled : TimePoint{};
}

Due first_due(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  if (!history.last_run) return at_once(target, now, "first");
  const Run& last = *history.last_run;
  if (was_cut_off(last) && last.attempt < most_attempts) return at_once(target, now, "retry");
  // What was not verified yet is known when the source was asked; there may be nothing.
  if (target.select.policy == Policy::every_new) return at_once(target, now, "backlog");
  // Times that passed while nothing ran here coalesce into one run.
  const TimePoint missed = missed_time(target, history, now);
  if (missed != TimePoint{}) return at_once(target, now, "missed", missed);
  return next_due(target, now);
}

}  // namespace backproof
