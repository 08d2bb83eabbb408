// SPDX-License-Identifier: Apache-2.0
#include "model/start.h"
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("jitter and blackout are read, the latter in the target's time zone") {
  const Target target = target_of(
      "schedule = \"@daily\"\ntime_zone = \"Asia/Tokyo\"\njitter = \"10m\"\n"
      "blackout = [\"mon-fri 08:00-18:00\", \"22:00-02:00\"]");
  CHECK(target.jitter == 10min);
  CHECK(target.blackout.windows() ==
        std::vector<std::string>{"mon-fri 08:00-18:00", "22:00-02:00"});
  CHECK(target.blackout.free_from(at("2026-11-23T00:00:00Z")) == at("2026-11-23T09:00:00Z"));
  CHECK(target_of("").jitter == 0s);
  CHECK(target_of("").blackout.windows().empty());
}

TEST_CASE("jitter and blackout have defaults, which a target may take back") {
  const std::string source = "source = { kind = \"directory\", path = \"/a\" }\n";
  const ParsedConfig parsed = parse(
      "[defaults]\njitter = \"5m\"\nblackout = [\"08:00-18:00\"]\n[[target]]\nname = \"a\"\n" +
      source + "time_zone = \"Europe/Berlin\"\n[[target]]\nname = \"b\"\n" + source +
      "jitter = \"0\"\nblackout = []\n");
  CHECK(shown(parsed.problems) == "");
  const Target& a = parsed.config.targets.at(0);
  const Target& b = parsed.config.targets.at(1);
  CHECK(a.jitter == 5min);
  CHECK(a.blackout.free_from(at("2026-11-23T12:00:00Z")) == at("2026-11-23T17:00:00Z"));
  CHECK(b.jitter == 0s);
  CHECK(b.blackout.windows().empty());
}

TEST_CASE("the age limit allows for blackouts") {
  CHECK(target_of("schedule = \"@hourly\"\nblackout = [\"08:00-18:00\"]").max_age ==
        24h + 12min);  // 2.2 x 11 h
  CHECK(target_of("schedule = \"@daily\"\nblackout = [\"08:00-18:00\"]").max_age == 52h + 48min);
}

TEST_CASE("a jitter that is no shorter than the time between two runs is refused") {
  CHECK(problems_of(with_target("schedule = \"*/10 * * * *\"\njitter = \"10m\"")) ==
        "c.toml:5: target \"crm\": jitter: expected less than 10m, the least between two times of "
        "its schedule \"*/10 * * * *\", got 10m; hint: give this target a shorter one, or jitter = "
        "\"0\"\n");
  CHECK(problems_of(with_target("schedule = \"*/10 * * * *\"\njitter = \"599s\"")) == "");
  CHECK(has(problems_of(with_target("jitter = \"2h\"\nselftest.schedule = \"@hourly\"")),
            "of its selftest.schedule \"@hourly\", got 2h"));
  CHECK(has(problems_of(with_target("jitter = \"2h\"\ndrill = { schedule = \"0 3,4 1 * *\", "
                                    "backup_command = \"b\" }")),
            "expected less than 1h, the least between two times of its drill.schedule"));
  CHECK(
      problems_of(with_target("jitter = \"500ms\"")) ==
      "c.toml:4: target \"crm\": jitter: expected at least 1s, got 500ms; hint: starts are spread "
      "by whole seconds; \"0\" spreads none\n");
}

TEST_CASE("a jitter of the defaults that is too long for a target is told of that target") {
  CHECK(problems_of("[defaults]\njitter = \"2h\"\n[[target]]\nname = \"a\"\nsource = { kind = "
                    "\"directory\", path = \"/a\" }\nschedule = \"@hourly\"\n") ==
        "c.toml:3: target \"a\": jitter: expected less than 1h, the least between two times of its "
        "schedule \"@hourly\", got 2h; hint: give this target a shorter one, or jitter = \"0\"\n");
}

TEST_CASE("windows that are none, or leave no time, are refused with a hint") {
  CHECK(problems_of(with_target("blackout = [\"8-18\"]")) ==
        "c.toml:4: target \"crm\": blackout: expected a window of the day from 00:00 to 24:00, got "
        "\"8-18\"; hint: write it like \"22:00-02:00\" or \"mon-fri 08:00-18:00\"\n");
  CHECK(has(problems_of("[defaults]\nblackout = [\"00:00-24:00\"]\n"),
            "c.toml:2: defaults: blackout: nothing could ever start: the windows are the whole "
            "week; hint: leave some time free, or write enabled = false\n"));
  CHECK(has(problems_of(with_target("blackout = \"08:00-18:00\"")),
            "blackout: expected an array of strings, got a string"));
}

TEST_CASE("L and # are schedules, and one that never comes is refused") {
  CHECK(target_of("schedule = \"0 3 L * *\"").max_age == 1636h + 48min);
  CHECK(target_of("schedule = \"0 3 * * fri#2\"").schedule->expression() == "0 3 * * fri#2");
  CHECK(has(problems_of(with_target("schedule = \"0 3 L-30 2 *\"")), "never comes"));
  CHECK(has(problems_of(with_target("schedule = \"0 3 * * L\"")),
            "hint: write friL for the last Friday of the month"));
}
