// SPDX-License-Identifier: Apache-2.0
// The process_* series that client libraries bring
// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

template <auto member>
void one(const PageInput& input, Samples& samples) {
  if (input.process != nullptr) samples.add(input.process->*member);
}

constexpr std::array families{
    Family{
        {"process_cpu_seconds_total", Type::counter,
         "User and system time of this process, workers excepted, in seconds.", "", "always set"},
        nullptr,
        one<&ProcessStats::cpu_seconds>},
    Family{{"process_resident_memory_bytes", Type::gauge, "Resident memory of this process.", "",
            "always set"},
           nullptr,
           one<&ProcessStats::resident_bytes>},
    Family{{"process_virtual_memory_bytes", Type::gauge, "Virtual memory of this process.", "",
            "always set"},
           nullptr,
           one<&ProcessStats::virtual_bytes>},
    Family{{"process_open_fds", Type::gauge, "Open file descriptors of this process.", "",
            "always set"},
           nullptr,
           one<&ProcessStats::open_fds>},
    Family{{"process_max_fds", Type::gauge, "File descriptors that this process may open.", "",
            "always set"},
           nullptr,
           one<&ProcessStats::max_fds>},
    Family{{"process_threads", Type::gauge, "Threads of this process.", "", "always set"},
           nullptr,
           one<&ProcessStats::threads>},
    Family{{"process_start_time_seconds", Type::gauge,
            "When this process started, in seconds since 1970.", "", "always set"},
           nullptr,
           one<&ProcessStats::start_seconds>},
};

}  // namespace

std::span<const Family> process_families() {
  return families;
}

}  // namespace backproof::metrics
