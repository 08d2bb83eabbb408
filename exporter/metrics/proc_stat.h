// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/proc.h"
#include "base/result.h"

namespace backproof::metrics {

// What the kernel says of this process.
struct ProcessStats {
  double cpu_seconds = 0;    // user + system
  double start_seconds = 0;  // since 1970
  std::uint64_t virtual_bytes = 0, resident_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_fds = 0, max_fds = 0;
};

// The units of /proc on this machine.
struct ProcUnits {
  double ticks_per_second = 100;
  std::uint64_t page_bytes = 4096;
  double boot_seconds = 0;  // since 1970
};

// All but the descriptors.
ProcessStats in_units(const ProcStat& stat, const ProcUnits& units);
// The line "btime N" of /proc/stat.
std::optional<double> parse_boot_time(std::string_view stat);

// Reads all of it of this process, now.
Result<ProcessStats> read_process_stats();

}  // namespace backproof::metrics
