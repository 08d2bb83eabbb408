// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace backproof::history {

// One process of this machine, told apart from a later one that got its number, also after a
// reboot. The numbers of another PID namespace (pid_namespaces(7): a container on the same history)
// mean nothing here.
struct Owner {
  std::int64_t pid = 0;
  std::int64_t start = 0;  // clock ticks after boot (proc(5), stat field 22); 0 = unknown
  // The kernel's boot id, a blank, and the PID namespace as /proc/self/ns/pid names it; empty
  // where unknown.
  std::string boot;
};

Owner this_process();
// False only when it is certainly gone; a zombie is gone. One of another PID namespace is alive
// while the machine has not booted since.
bool is_alive(const Owner& owner);

}  // namespace backproof::history
