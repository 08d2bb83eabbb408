// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "model/run.h"

namespace backproof {

// The jail of a worker process, entered once and never left, before the first hostile byte is
// read: no user rights, no new privileges, Landlock
// (https://docs.kernel.org/userspace-api/landlock.html), seccomp
// (https://man7.org/linux/man-pages/man2/seccomp.2.html), an empty user and network namespace where
// the kernel allows, rlimits, no core files. Needs neither root nor containers.
struct JailRules {
  Path writable;                  // the sandbox: the only place to write below
  std::vector<Path> readable;     // beside it; descriptors opened before keep working anyway
  std::uintmax_t max_file = 0;    // RLIMIT_FSIZE in bytes; 0 = none
  std::uintmax_t max_memory = 0;  // RLIMIT_DATA in bytes; 0 = none
};

// What the jail was proven to refuse, by trying.
struct JailProof {
  Isolation isolation = Isolation::none;
  std::vector<std::string> held;    // "exec", "network", "write outside", ...
  std::vector<std::string> broken;  // the same words for what got through
};

// Started by root, gives up root for an unprivileged user who owns `writable` afterwards: the
// folder and its content are handed over. Then closes the jail on the calling process (which must
// have one thread), probes it from inside and says what held. An Error only when the process may
// be half-way: the caller must then end. `without` leaves parts out, for tests: "landlock",
// "seccomp".
Result<JailProof> enter_jail(const JailRules& rules, const std::vector<std::string>& without = {});

}  // namespace backproof
