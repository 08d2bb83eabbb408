// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "sandbox/jail.h"

namespace backproof {

// Closes the calling thread, and all it starts, into a Landlock domain: files can be opened only
// below `rules.writable`, in `rules.readable` and where a running C++ program must read; nothing
// but `rules.executable` can be executed; no TCP from ABI 4 on, no signal or abstract socket to the
// outside from ABI 6. Returns the kernel's ABI; 0 = this kernel has no Landlock and nothing
// changed. Needs no_new_privs. https://docs.kernel.org/userspace-api/landlock.html
Result<int> close_landlock(const JailRules& rules);

}  // namespace backproof
