// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/event.h"
#include "model/target.h"
#include "runner/plan.h"

namespace backproof {

// One verification from beginning to end, in this process, which closes itself into the jail on
// the way: only for a worker. Never throws; what goes wrong is in the run.
Run verify(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events);

}  // namespace backproof
