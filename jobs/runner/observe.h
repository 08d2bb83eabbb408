// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "history/history.h"
#include "model/snapshot.h"
#include "runner/plan.h"
#include "runner/survey.h"

namespace backproof {

// A target as a program sees it that does one thing and ends: what the history knows and its source
// holds now. Nothing runs or waits. An Error is the history's; the source's is in the inventory.
Result<TargetState> observe(const Plan& plan, HistoryStore& history, const Looker& looker,
                            TimePoint now);

}  // namespace backproof
