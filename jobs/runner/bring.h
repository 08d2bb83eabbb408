// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "runner/plan.h"
#include "runner/select.h"
#include "sandbox/sandbox.h"

namespace backproof {

// The folder of a sandbox that backups are brought into. While a command that brings one may still
// run it is locked (sandbox/guard.h).
inline constexpr const char* brought_folder = "fetched";

// Whether the job's backup is elsewhere and must be fetched.
bool is_elsewhere(const Job& job, const Plan& plan);
// Whether it cannot be read where it is: it is elsewhere, or encrypted.
bool must_be_brought(const Job& job, const Plan& plan);

// The job's backup, opened; of one that is elsewhere only what its source says of it.
Result<Selected> select_for(const Job& job, const Plan& plan);

// Makes a file of the sandbox of a backup that must be brought, by the team's commands, and opens
// it. The last that happens before the door closes: nothing of its content is looked at, but for
// the SHA-256 of what was decrypted. `selected` is what select_for() gave. `progress` is told bytes
// there and expected (0: not known). Errors: fetch, decrypt, space, timeout, empty, wrong_format.
Result<Selected> bring(const Job& job, const Plan& plan, const Sandbox& sandbox, Selected selected,
                       const std::function<void(std::uintmax_t, std::uintmax_t)>& progress);

// Where a backup that is elsewhere was brought to: what lies beside it was brought with it.
Path brought_file(const Path& sandbox);

}  // namespace backproof
