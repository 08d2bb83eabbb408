// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include <algorithm>

#include "model/start.h"

namespace backproof {
namespace {

// Now, unless a blackout is in force.
Due at_once(const Target& target, TimePoint now, std::string trigger, TimePoint scheduled = {}) {
  return {target.blackout.free_from(now), std::move(trigger), scheduled};
}

// The first start after the last run. Whatever jitter and blackout were then, its time does not
// come again; a clock that was set back leaves nothing waiting for years.
Start after_run(const Target& target, const Run& last, TimePoint now) {
  TimePoint since = std::min(last.started, now);
  if (last.scheduled != TimePoint{} && last.scheduled <= now)
    since = std::max(since, start_of(target, last.scheduled));
  return next_start(target, *target.schedule, since);
}

}  // namespace

Due next_due(const Target& target, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  const Start next = next_start(target, *target.schedule, now);
  return {next.at, "schedule", next.scheduled};
}

TimePoint missed_time(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule || !history.last_run) return {};
  const Start next = after_run(target, *history.last_run, now);
  return next.at <= now ? next.scheduled : TimePoint{};
}

Due first_due(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  if (!history.last_run) return at_once(target, now, "first");
  const Run& last = *history.last_run;
  // What was not verified yet is known when the source was asked; there may be nothing.
  if (target.select.policy == Policy::every_new) return at_once(target, now, "backlog");
  // Times that passed while nothing ran here coalesce into one run.
  const TimePoint missed = missed_time(target, history, now);
  if (missed != TimePoint{}) return at_once(target, now, "missed", missed);
  const Start next = after_run(target, last, now);
  return {next.at, "schedule", next.scheduled};
}

}  // namespace backproof
