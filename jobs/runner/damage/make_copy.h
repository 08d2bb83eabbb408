// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/event.h"
#include "model/target.h"
#include "runner/plan.h"

namespace backproof::damage {

// Where the copy lies in the sandbox: in this folder, under the backup's own name.
inline constexpr std::string_view copy_folder = "copy";

// Makes the copy that `job.damage` orders, in this process, which closes itself into the jail
// before it reads a byte: only for a worker. The run says `restored` when the copy is there; when
// the backup cannot have this damage, its last finding is why, and no stage failed. Never throws.
Run make_copy(const Job& job, const Plan& plan, const Clock& clock, const RunEvents& events);

}  // namespace backproof::damage
