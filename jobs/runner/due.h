// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "model/snapshot.h"

namespace backproof {

// When a target is next to be verified. Plain value; the rules are functions of it, so that years
// of scheduling are tested in milliseconds.
struct Due {
  TimePoint next;  // when to start (model/start.h); 1970 = not scheduled
  std::string trigger = "schedule";
  TimePoint scheduled;  // the time that it stands for; 1970 for a first run

  bool operator==(const Due&) const = default;
};

// When to start, as things stand: a schedule's next time; at once for a target that never ran
// ("first"), whose schedule passed while nobody was there ("missed"), or that verifies every backup
// and may have some left ("backlog"). Where a blackout is in force, at its end. What is tried again
// (runner/retry.h) comes beside that.
Due first_due(const Target& target, const TargetHistory& history, TimePoint now);

// The first time of the schedule that came after the last run and did not start (of those that
// started at one moment, the first); 1970 = none.
TimePoint missed_time(const Target& target, const TargetHistory& history, TimePoint now);

// The schedule's next start after `now`; 1970 for a target without one or disabled.
Due next_due(const Target& target, TimePoint now);

}  // namespace backproof
