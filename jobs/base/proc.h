// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backproof {

// What the kernel says of a process in /proc/PID/stat (proc(5)). Times are in clock ticks,
// sysconf(_SC_CLK_TCK) to the second.
struct ProcStat {
  std::uint64_t user_ticks = 0, system_ticks = 0;  // used so far
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0;  // after boot: tells a process from a later one with its number
  std::uint64_t virtual_bytes = 0;
  std::uint64_t resident_pages = 0;
  std::uint64_t parent = 0;  // number of the process that it is a child of
};

// Nothing when it is not that text. The second field is the program's name and may itself hold
// spaces and parentheses.
std::optional<ProcStat> parse_proc_stat(std::string_view stat);

// Of the process with this number, or of "self". An Error when there is none.
Result<ProcStat> read_proc_stat(const std::string& process);

}  // namespace backproof
