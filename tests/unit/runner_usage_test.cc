// SPDX-License-Identifier: Apache-2.0
#include "runner/usage.h"

#include <sys/mman.h>

#include <cstring>

#include "runner/run_log.h"
#include "support/support.h"

using namespace backproof;

TEST_CASE("anonymous memory is read from a process's status") {
  CHECK(anonymous_bytes_of("VmRSS:\t 99 kB\nRssAnon:\t    1234 kB\nRssFile:\t 7 kB\n") ==
        1234U * 1024);
  CHECK(anonymous_bytes_of("VmRSS:\t 99 kB\n") == 0);
  CHECK(anonymous_bytes_of("RssAnon:") == 0);
  const auto status = open_readonly("/proc/self/status");
  REQUIRE(status);
  CHECK(anonymous_bytes_of(status->get()) > 100'000);
  CHECK(anonymous_bytes_of(-1) == 0);
}

TEST_CASE("a peak of memory within a stage is seen when the stage tells how far it is") {
  const test::Folder folder;
  auto meter = UsageMeter::open(folder.path());
  REQUIRE(meter);
  test::FakeClock clock(test::at("2026-11-23T14:34:54Z"));
  Run run;
  const RunEvents events;
  RunLog log(run, clock, events);
  log.watch(&*meter);
  CHECK(log.stage(Stage::restore, [&]() -> Result<void> {
    log.progress(1, 2);
    const std::uintmax_t before = run.resources.max_anonymous;
    CHECK(before > 0);
    // Not from the heap, which may have as much left from before.
    constexpr std::size_t peak = 64U << 20U;
    void* memory = mmap(nullptr, peak, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    std::memset(memory, 1, peak);
    log.progress(2, 2);
    CHECK(run.resources.max_anonymous < before + (32U << 20U));  // too soon to ask again
    clock.advance(std::chrono::milliseconds(100));
    log.progress(2, 2);
    CHECK(run.resources.max_anonymous > before + (32U << 20U));
    munmap(memory, peak);
    return {};
  }));
}
