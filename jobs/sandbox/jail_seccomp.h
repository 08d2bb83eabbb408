// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Who is filtered: by default a process that has no children and talks to nobody.
struct CallRules {
  bool connects = false;   // stream sockets of AF_UNIX; connect() waits for whoever is notified
  bool internet = false;   // with `connects`: of AF_INET and AF_INET6 as well
  bool server = false;     // processes, AF_UNIX stream sockets to listen on, System V shared memory
  bool truncates = false;  // with `server`: Landlock knows truncate(), which can then be done
};

struct ClosedCalls {
  bool closed = false;  // false: this kernel cannot filter, and nothing changed
  // With CallRules::connects, for seccomp_unotify(2). Whoever holds it decides what connect()
  // does: no process inside may keep it.
  Fd notifications;
};

// Filters the system calls of all threads of this process and of all that they start. What is
// refused gives EPERM, so that it can be seen; a call through another architecture's table (i386,
// x32) kills the process. Threads keep working. Needs no_new_privs.
// https://man7.org/linux/man-pages/man2/seccomp.2.html
Result<ClosedCalls> close_seccomp(const CallRules& calls);

}  // namespace backproof
