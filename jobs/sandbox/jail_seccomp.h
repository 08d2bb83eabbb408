// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace backproof {

// Filters the system calls of all threads of this process and of all that they start. What is
// refused gives EPERM, so that it can be seen; a call through another architecture's table (i386,
// x32) kills the process. Threads keep working. Returns false when this kernel cannot filter, and
// nothing changed. Needs no_new_privs. https://man7.org/linux/man-pages/man2/seccomp.2.html
Result<bool> close_seccomp();

}  // namespace backproof
