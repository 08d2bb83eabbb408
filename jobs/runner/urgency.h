// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/snapshot.h"

namespace backproof {

// How urgently a target waits to be verified: how old its last pass is (or the target, where none
// ever passed), in units of what it may be at most: `max_age`; else, where every backup is
// verified, the time within which it is; else the 2.2 intervals that are the default of both; else
// a day. 1 and more is overdue. Pure.
double urgency_of(const Target& target, const TargetHistory& history, Duration interval,
                  TimePoint now);

}  // namespace backproof
