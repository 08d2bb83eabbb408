// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include <algorithm>

namespace backproof {

Due next_due(const Target& target, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  return {target.schedule->next_after(now), "schedule"};
}

Due first_due(const Target& target, const TargetHistory& history, TimePoint now) {
  if (!target.enabled || !target.schedule) return {};
  if (!history.last_run) return {now, "first"};
  const Run& last = *history.last_run;
  if (last.cause == Cause::interrupted || last.cause == Cause::cancelled) return {now, "retry"};
  // Times that passed while nothing ran here coalesce into one run.
  const TimePoint since = std::max(last.started, last.scheduled);
  if (const TimePoint due = target.schedule->next_after(since); due != TimePoint{} && due <= now)
    return {now, "missed"};
  return next_due(target, now);
}

}  // namespace backproof
