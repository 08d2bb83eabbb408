// SPDX-License-Identifier: Apache-2.0
#include "model/start.h"

#include <map>

#include "base/text.h"
#include "support/support.h"
#include "unit/model_walls.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;

namespace {

Target target(const std::string& expression, const std::string& zone = "UTC", Duration jitter = {},
              const std::vector<std::string>& windows = {}) {
  Target t;
  t.name = "crm";
  t.schedule = Schedule::parse(expression, zone).value();
  t.jitter = jitter;
  t.blackout = Blackout::parse(windows, zone).value();
  return t;
}

std::string starts(const Target& t, std::string_view from, int count) {
  std::string out;
  Start start{at(from), {}};
  for (int i = 0; i < count; ++i) {
    start = next_start(t, *t.schedule, start.at);
    out += (i == 0 ? "" : ", ") + text::format_time(start.at).substr(5, 14) + " for " +
           text::format_time(start.scheduled).substr(5, 11);
  }
  return out;
}

}  // namespace

TEST_CASE("a target's part of the jitter follows from its name, today and in ten years") {
  Target t = target("@daily", "UTC", 10min);
  CHECK(delay_of(t) == 522s);
  t.name = "shop";
  CHECK(delay_of(t) == 551s);
  t.jitter = 1s;
  CHECK(delay_of(t) == 0s);
  t.jitter = 0s;
  CHECK(delay_of(t) == 0s);
}

TEST_CASE("jitter spreads targets evenly and moves none by as much as it is") {
  std::map<Duration, int> tenths;
  Target t = target("@daily", "UTC", 10min);
  for (int i = 0; i < 10'000; ++i) {
    t.name = "target-" + std::to_string(i);
    REQUIRE(delay_of(t) >= 0s);
    REQUIRE(delay_of(t) < 10min);
    ++tenths[delay_of(t) / 1min * 1min];
  }
  CHECK(tenths.size() == 10);
  for (const auto& [minute, count] : tenths) CHECK(std::abs(count - 1000) < 150);
}

TEST_CASE("a start comes later by the target's part of the jitter, and keeps its nominal time") {
  CHECK(starts(target("0 3 * * *", "UTC", 10min), "2026-11-23T03:01:00Z", 2) ==
        "11-23T03:08:42 for 11-23T03:00, 11-24T03:08:42 for 11-24T03:00");
}

TEST_CASE("all times within a blackout are one start at its end, for the first of them") {
  const Target hourly = target("0 * * * *", "UTC", {}, {"08:00-18:00"});
  CHECK(starts(hourly, "2026-11-23T06:30:00Z", 3) ==
        "11-23T07:00:00 for 11-23T07:00, 11-23T18:00:00 for 11-23T08:00, 11-23T19:00:00 for "
        "11-23T19:00");
  // Also asked from within: what was to start before is still to come.
  CHECK(starts(hourly, "2026-11-23T12:30:00Z", 1) == "11-23T18:00:00 for 11-23T08:00");
  // Jitter comes first: 07:59 starts in the window.
  CHECK(starts(target("59 7 * * *", "UTC", 10min, {"08:00-18:00"}), "2026-11-23T00:00:00Z", 1) ==
        "11-23T18:00:00 for 11-23T07:59");
}

TEST_CASE("a year of starts is what its times, moved one by one, come to") {
  test::Random random(3);
  const std::vector<std::string> expressions{"*/20 * * * *",  "0 * * * *",      "30 2 * * *",
                                             "0 3 L * *",     "15 2 * * fri#2", "0 */5 * * 1-5",
                                             "45 1 * * sunL", "7 1,2,3 * * *"};
  const std::vector<std::vector<std::string>> windows{
      {}, {"mon-fri 08:00-18:00"}, {"22:00-02:30"}, {"01:00-03:00", "sun 00:00-24:00"}};
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"})
    for (const std::string& expression : expressions)
      for (const auto& blackout : windows) {
        const auto jitter = random.below(3) == 0 ? 0s : std::chrono::seconds(random.below(1200));
        const Target t = target(expression, zone, jitter, blackout);
        INFO(expression << " in " << zone << ", jitter " << jitter.count());
        // Start by start: the first time that it stands for.
        std::map<TimePoint, TimePoint> slow;
        const TimePoint from = at("2026-01-01T00:00:00Z"), end = at("2027-01-01T00:00:00Z");
        for (TimePoint s = from - 9 * 24h; (s = t.schedule->next_after(s)) < end;)
          slow.emplace(t.blackout.free_from(s + delay_of(t)), s);
        std::size_t wrong = 0;
        Start start{from, {}};
        for (auto next = slow.upper_bound(from); next != slow.end(); ++next) {
          start = next_start(t, *t.schedule, start.at);
          wrong += start.at != next->first || start.scheduled != next->second;
          wrong += t.blackout.blocked_since(start.at).has_value();
          wrong += start.at - start.scheduled < delay_of(t);
        }
        // Asked at any moment, too.
        for (int i = 0; i < 200; ++i) {
          const TimePoint asked = from + std::chrono::seconds(random.below(360 * 86400));
          const auto next = slow.upper_bound(asked);
          if (next != slow.end()) wrong += next_start(t, *t.schedule, asked).at != next->first;
        }
        CHECK(wrong == 0);
      }
}

TEST_CASE("blackouts make intervals longer where they move a start") {
  const TimePoint from = at("2026-01-01T00:00:00Z");
  const auto interval = [&](const std::string& expression, const std::string& window) {
    const Target t = target(expression, "UTC", {}, {window});
    return interval_of(t, t.schedule, from);
  };
  CHECK(interval("0 * * * *", "08:00-18:00") == 11h);  // from 07:00 to 18:00
  CHECK(interval("* * * * *", "08:00-08:30") == 31min);
  CHECK(interval("0 3 * * *", "08:00-18:00") == 24h);
  CHECK(interval("0 9 * * *", "sat,sun 08:00-18:00") == 34h);
  CHECK(interval("@weekly", "mon 08:00-18:00") == 168h);
  const Target none;
  CHECK(interval_of(none, none.schedule, from) == 0s);
}

TEST_CASE("a schedule that never comes has no start, within a blackout neither") {
  const Target never = target("0 0 30 2 *", "UTC", 10min, {"08:00-18:00"});
  CHECK(next_start(never, *never.schedule, at("2026-11-23T12:00:00Z")).at == TimePoint{});
  CHECK(next_start(never, *never.schedule, at("2026-11-23T20:00:00Z")).at == TimePoint{});
}
