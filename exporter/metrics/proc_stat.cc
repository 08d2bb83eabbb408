// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/proc_stat.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace backproof::metrics {
ProcessStats in_units(const ProcStat& stat, const ProcUnits& units) {
  ProcessStats stats;
  stats.cpu_seconds =
      static_cast<double>(stat.user_ticks + stat.system_ticks) / units.ticks_per_second;
  stats.start_seconds =
      units.boot_seconds + static_cast<double>(stat.start_ticks) / units.ticks_per_second;
  stats.threads = stat.threads;
  stats.virtual_bytes = stat.virtual_bytes;
  stats.resident_bytes = stat.resident_pages * units.page_bytes;
  return stats;
}

std::optional<double> parse_boot_time(std::string_view stat) {
  for (const std::string_view line : text::split(stat, '\n'))
    if (line.starts_with("btime "))
      if (const auto seconds = text::parse_count(text::trim(line.substr(6))))
        return static_cast<double>(*seconds);
  return std::nullopt;
}

namespace {

// Asked once: it moves when the clock is set, and a process that started at another time than
// before would look like a restart.
std::optional<double> boot_time() {
  static const std::optional<double> first = [] {
    const auto machine = read_file("/proc/stat");
    return machine ? parse_boot_time(*machine) : std::nullopt;
  }();
  return first;
}

}  // namespace

Result<ProcessStats> read_process_stats() {
  const auto boot = boot_time();
  if (!boot) return Error{Cause::internal, "/proc/stat has no btime", ""};
  const ProcUnits units{static_cast<double>(::sysconf(_SC_CLK_TCK)),
                        static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), *boot};
  TRY_ASSIGN(const ProcStat self, read_proc_stat("self"));
  ProcessStats stats = in_units(self, units);
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = limit.rlim_cur;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/self/fd", error), end; !error && it != end;
       it.increment(error))
    ++stats.open_fds;
  // The iteration's own descriptor is one of them.
  if (stats.open_fds > 0) --stats.open_fds;
  return stats;
}

}  // namespace backproof::metrics
