// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/snapshot.h"

namespace backproof {

// How much of the run that is going on is done, 0 to 1; 0 when none is. Each stage weighs what it
// took in the target's last run that restored its backup; without one all weigh the same.
double run_progress(const TargetState& state);

}  // namespace backproof
