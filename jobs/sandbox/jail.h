// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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

  // Set: the jail of a database's client. It may make stream sockets of AF_UNIX, and each
  // connect() waits for the answer of whoever this call hands the descriptor of
  // seccomp_unotify(2) to. Called once, before the jail is probed.
  std::function<Result<void>(Fd notifications)> serve_connects;
  bool internet = false;  // with it: may make those of AF_INET and AF_INET6, too

  // Not empty: the jail of a server, which may execute these programs (and only these), have
  // processes, and listen on unix sockets below `writable`. `keeper_is_init`: its parent is the
  // first process of a namespace, outside of which it sees no process.
  std::vector<Path> executable;
  bool keeper_is_init = false;
  bool is_server() const { return !executable.empty(); }
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
