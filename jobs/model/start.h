// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/target.h"

// When what is scheduled of a target starts: its time by the schedule, later by a part of the
// target's jitter that follows from its name, and where that falls into a blackout, at its end.
// Times that would start at the same moment are one start. Pure functions.
namespace backproof {

struct Start {
  TimePoint at;         // 1970 = never
  TimePoint scheduled;  // the first time of the schedule that it stands for
};

// The target's part of its jitter: whole seconds, the same in every version of this program, so
// that no target ever moves without a reason.
Duration delay_of(const Target& target);

// When what is scheduled for this time starts.
TimePoint start_of(const Target& target, TimePoint scheduled);

// The first start strictly after `t` by a schedule of the target's.
Start next_start(const Target& target, const Schedule& schedule, TimePoint t);

// The longest gap between two starts that comes regularly, as Schedule::interval(): with blackouts
// that matter to it no less than that, and no more than the longest of them more. 0 without one.
Duration interval_of(const Target& target, const std::optional<Schedule>& schedule, TimePoint t);

}  // namespace backproof
