// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/proc_stat.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::metrics;

TEST_CASE("what the kernel counts becomes seconds and bytes") {
  const ProcStat stat{250, 50, 12, 6000, 104857600, 2560};
  const ProcessStats stats = in_units(stat, {100, 4096, 1'000'000});
  CHECK(stats.cpu_seconds == Approx(3.0));
  CHECK(stats.start_seconds == Approx(1'000'060));
  CHECK(stats.threads == 12);
  CHECK(stats.virtual_bytes == 104857600);
  CHECK(stats.resident_bytes == 2560U * 4096U);
}

TEST_CASE("the boot time is found among the lines of the machine") {
  CHECK(parse_boot_time("cpu 1 2 3\nctxt 5\nbtime 1795000000\nprocesses 9\n") == 1795000000.0);
  CHECK_FALSE(parse_boot_time("cpu 1 2 3\n"));
  CHECK_FALSE(parse_boot_time("btime soon\n"));
}

TEST_CASE("this process has numbers that can be true") {
  const auto stats = read_process_stats();
  REQUIRE(stats);
  CHECK(stats->resident_bytes > 1'000'000);
  CHECK(stats->virtual_bytes >= stats->resident_bytes);
  CHECK(stats->threads >= 1);
  CHECK(stats->open_fds >= 3);
  CHECK(stats->max_fds >= stats->open_fds);
  CHECK(stats->start_seconds > 1'600'000'000);
  CHECK(stats->start_seconds < seconds_of(system_clock().now()) + 2);
}
