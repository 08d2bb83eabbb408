// SPDX-License-Identifier: Apache-2.0
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("limits for a busy host are read") {
  const Limits limits = target_of(
                            "stage_timeout = { fetch = \"30m\", check = \"1h\" }\n"
                            "max_memory = \"2 GiB\"\nmax_cpu = \"2h\"\nmax_read_rate = \"50 MiB\"\n"
                            "nice = 19\nio_priority = \"idle\"")
                            .limits;
  CHECK(limits.stage_timeouts ==
        std::map<Stage, Duration>{{Stage::fetch, 30min}, {Stage::check, 1h}});
  CHECK(limits.memory == 2ULL << 30U);
  CHECK(limits.cpu == 2h);
  CHECK(limits.read_rate == 50ULL << 20U);
  CHECK(limits.nice == 19);
  CHECK(limits.io == IoPriority::idle);
  CHECK(target_of("").limits == Limits{});
}

TEST_CASE("a target takes back a stage's limit that is a default") {
  const ParsedConfig parsed = parse(
      "[defaults]\nstage_timeout = { fetch = \"30m\", check = \"1h\" }\non_arrival = true\n"
      "retry = { attempts = 5, delay = \"10s\" }\n[[target]]\nname = \"a\"\nsource = { kind = "
      "\"directory\", path = \"/a\" }\nstage_timeout = { fetch = \"0\" }\non_arrival = false\n"
      "retry = { attempts = 1 }\n");
  CHECK(shown(parsed.problems) == "");
  const Target& target = parsed.config.targets.at(0);
  CHECK(target.limits.stage_timeouts == std::map<Stage, Duration>{{Stage::check, 1h}});
  CHECK_FALSE(target.on_arrival);
  CHECK(target.retry == RetrySpec{.attempts = 1, .delay = 10s, .max_delay = 1h});
}

TEST_CASE("limits with which nothing could be done are refused") {
  const auto refuses = [](const std::string& line, const std::string& why) {
    INFO(line);
    CHECK(problems_of(with_target(line)).find(why) != std::string::npos);
  };
  refuses("max_memory = \"1 MiB\"", "max_memory: expected 0 or at least 64 MiB, got 1 MiB");
  refuses("max_read_rate = \"1 KiB\"", "max_read_rate: expected 0 or at least 64 KiB");
  refuses("max_cpu = \"10ms\"", "max_cpu: expected at least 1s, got 10ms");
  refuses("nice = 20", "nice: ");
  refuses("nice = -5", "nice: ");
  refuses("io_priority = \"real-time\"", "io_priority: ");
  refuses("stage_timeout = { fetch = \"1ms\" }", "fetch: expected at least 1s");
  refuses("stage_timeout = { fetsch = \"1m\" }", "fetsch");
  refuses("retry = { attempts = 0 }", "attempts: ");
  refuses("retry = { delay = \"2h\" }", "max_delay: expected at least the delay of 2h, got 1h");
}
