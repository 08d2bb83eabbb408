// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace backproof::history {

// One process of this machine, told apart from a later one that got its number, also after a
// reboot. The numbers of another container on the same history mean nothing here.
struct Owner {
  std::int64_t pid = 0;
  std::int64_t start = 0;  // clock ticks after boot (proc(5), stat field 22); 0 = unknown
  std::string boot;        // the kernel's boot id; empty = unknown
};

Owner this_process();
// False only when it is certainly gone; a zombie is gone.
bool is_alive(const Owner& owner);

}  // namespace backproof::history
