// SPDX-License-Identifier: Apache-2.0
#include "model/blackout.h"

#include <array>

#include "base/text.h"
#include "support/support.h"
#include "unit/model_walls.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;

namespace {

Blackout blackout(const std::vector<std::string>& windows, std::string_view zone = "UTC") {
  const auto parsed = Blackout::parse(windows, zone);
  REQUIRE(parsed);
  return *parsed;
}

std::string free_from(const Blackout& windows, std::string_view time) {
  return text::format_time(windows.free_from(at(time)));
}

std::string error_of(const std::string& window) {
  const auto parsed = Blackout::parse({window}, "UTC");
  return parsed ? "no error" : parsed.error().str();
}

// The same windows, read slowly: whether a minute of the wall is in one.
struct SlowWindow {
  std::array<bool, 7> days;  // Sunday first
  int from, to;              // minutes of the day; to <= from: past midnight

  bool has(std::time_t wall) const {
    const auto minute = static_cast<int>(wall / 60 % 1440);
    const auto weekday = static_cast<std::size_t>((wall / 86400 + 4) % 7);  // 1970: a Thursday
    if (from < to) return days[weekday] && minute >= from && minute < to;
    return (days[weekday] && minute >= from) || (days[(weekday + 6) % 7] && minute < to);
  }
  std::string text() const {
    std::string names;
    for (std::size_t i = 0; i < 7; ++i)
      if (days[i]) names += (names.empty() ? "" : ",") + std::to_string(i);
    const auto time = [](int minute) {
      const std::string m = std::to_string(minute % 60);
      return std::to_string(minute / 60) + ':' + (m.size() < 2 ? "0" : "") + m;
    };
    return names + ' ' + time(from) + '-' + time(to);
  }
};

SlowWindow random_window(test::Random& random) {
  SlowWindow window{{}, test::pick(random, 0, 1439), test::pick(random, 0, 1440)};
  if (window.from == window.to) ++window.to;
  window.days[random.below(7)] = true;
  for (bool& day : window.days) day = day || random.below(2) == 0;
  return window;
}

}  // namespace

TEST_CASE("a start in a window moves to its end, one outside stays to the microsecond") {
  const Blackout hours = blackout({"mon-fri 08:00-18:00"});
  CHECK(free_from(hours, "2026-11-23T08:00:00Z") == "2026-11-23T18:00:00Z");  // a Monday
  CHECK(free_from(hours, "2026-11-23T17:59:59.999999Z") == "2026-11-23T18:00:00Z");
  CHECK(free_from(hours, "2026-11-23T18:00:00Z") == "2026-11-23T18:00:00Z");
  CHECK(free_from(hours, "2026-11-23T07:59:59.999999Z") == "2026-11-23T07:59:59.999999Z");
  CHECK(free_from(hours, "2026-11-22T12:00:00Z") == "2026-11-22T12:00:00Z");
  CHECK(hours.blocked_since(at("2026-11-23T12:00:00Z")) == at("2026-11-23T08:00:00Z"));
  CHECK_FALSE(hours.blocked_since(at("2026-11-23T18:00:00Z")));
  CHECK(hours.longest() == 10h);
}

TEST_CASE("a window past midnight belongs to the day on which it begins") {
  const Blackout night = blackout({"sat 22:00-02:00"});
  CHECK(free_from(night, "2026-11-28T23:00:00Z") == "2026-11-29T02:00:00Z");
  CHECK(free_from(night, "2026-11-29T01:59:00Z") == "2026-11-29T02:00:00Z");
  CHECK(free_from(night, "2026-11-28T01:00:00Z") == "2026-11-28T01:00:00Z");
  CHECK(night.blocked_since(at("2026-11-29T01:00:00Z")) == at("2026-11-28T22:00:00Z"));
  CHECK(night.longest() == 4h);
}

TEST_CASE("windows that touch are one, also from Saturday to Sunday") {
  const Blackout weekend = blackout({"sat 00:00-24:00", "sun 00:00-24:00", "fri 20:00-24:00"});
  CHECK(free_from(weekend, "2026-11-27T21:00:00Z") == "2026-11-30T00:00:00Z");
  CHECK(weekend.blocked_since(at("2026-11-29T12:00:00Z")) == at("2026-11-27T20:00:00Z"));
  CHECK(weekend.longest() == 52h);
}

TEST_CASE("no windows block nothing") {
  const Blackout none;
  CHECK(none.free_from(at("2026-11-23T12:00:00Z")) == at("2026-11-23T12:00:00Z"));
  CHECK_FALSE(none.blocked_since(at("2026-11-23T12:00:00Z")));
  CHECK(none.longest() == 0s);
}

TEST_CASE("windows are those of the wall, when clocks change too") {
  const Blackout night = blackout({"01:00-02:30"}, "Europe/Berlin");
  CHECK(free_from(night, "2026-07-01T23:30:00Z") == "2026-07-02T00:30:00Z");
  // In spring the wall leaps out of the window, from 02:00 to 03:00.
  CHECK(free_from(night, "2026-03-29T00:30:00Z") == "2026-03-29T01:00:00Z");
  // In autumn it falls back into it: 02:45 is free, half an hour later it is 02:15 again.
  CHECK(free_from(night, "2026-10-25T00:10:00Z") == "2026-10-25T00:30:00Z");
  CHECK(free_from(night, "2026-10-25T00:45:00Z") == "2026-10-25T00:45:00Z");
  CHECK(free_from(night, "2026-10-25T01:15:00Z") == "2026-10-25T01:30:00Z");
  CHECK(night.blocked_since(at("2026-10-25T01:15:00Z")) == at("2026-10-25T01:00:00Z"));
  // The only free hour of the week is the one that spring skips.
  const Blackout all_but =
      blackout({"mon-sat 00:00-24:00", "sun 00:00-02:00", "sun 03:00-24:00"}, "Europe/Berlin");
  CHECK(free_from(all_but, "2026-03-28T12:00:00Z") == "2026-04-05T00:00:00Z");
  CHECK(all_but.blocked_since(at("2026-04-01T00:00:00Z")) == at("2026-03-22T02:00:00Z"));
}

TEST_CASE("random windows agree with a walk over every minute of a year") {
  test::Random random(11);
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "America/Santiago", "Asia/Kathmandu"}) {
    const auto year = test::walls_of(zone, at("2026-01-01T00:00:00Z"));
    for (int i = 0; i < 4; ++i) {
      const std::vector<SlowWindow> slow{random_window(random), random_window(random)};
      INFO(slow[0].text() << " and " << slow[1].text() << " in " << zone);
      const auto parsed = Blackout::parse({slow[0].text(), slow[1].text()}, zone);
      if (!parsed) continue;  // the whole week
      // Backwards: from when on the wall is free; forwards: since when it is not.
      std::size_t wrong = 0;
      std::time_t free = 0, since = 0;
      std::vector<bool> blocked(year.size());
      for (std::size_t m = 0; m < year.size(); ++m)
        blocked[m] = slow[0].has(year[m].wall) || slow[1].has(year[m].wall);
      for (std::size_t m = year.size(); m-- > 0;) {
        if (!blocked[m]) free = year[m].utc;
        if (free == 0) continue;  // ends after the year
        const TimePoint t = test::time_of(year[m].utc) + (blocked[m] ? 59s : 0s);
        wrong += parsed->free_from(t) != test::time_of(free);
      }
      bool known = false;  // since when: the first free minute was seen
      for (std::size_t m = 0; m < year.size(); ++m) {
        known = known || !blocked[m];
        if (blocked[m] && (m == 0 || !blocked[m - 1])) since = year[m].utc;
        const auto told = parsed->blocked_since(test::time_of(year[m].utc) + 59s);
        if (known) wrong += blocked[m] ? told != test::time_of(since) : told.has_value();
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("errors of windows say what was expected") {
  CHECK(error_of("8-18") ==
        "expected a window of the day from 00:00 to 24:00, got \"8-18\"; hint: write it like "
        "\"22:00-02:00\" or \"mon-fri 08:00-18:00\"");
  CHECK(error_of("08:00-08:00") ==
        "a window ends when it begins, got \"08:00-08:00\"; hint: write the whole day as "
        "\"00:00-24:00\"");
  CHECK(error_of("mo 08:00-18:00").find("day of week: expected 0 to 7 or sun to sat, got \"mo\"") !=
        std::string::npos);
  CHECK(error_of("00:00-24:00") ==
        "nothing could ever start: the windows are the whole week; hint: leave some time free, or "
        "write enabled = false");
  CHECK(Blackout::parse({"mon-fri 00:00-24:00", "sat,sun 00:00-24:00"}, "UTC").has_value() ==
        false);
  CHECK(Blackout::parse({"00:00-23:59"}, "UTC").has_value());
  CHECK_FALSE(Blackout::parse({}, "Europe/Berln").has_value());
  for (const char* bad :
       {"", "mon", "24:00-02:00", "08:60-09:00", "25:00-26:00", "08:00-24:01", "8:0-9:0",
        "08:00 - 18:00", "08:00-18:00 mon", "mon-fri 08:00", "-08:00-09:00", "sat-mon 08:00-09:00",
        "friL 08:00-09:00", "fri#1 08:00-09:00", "008:00-09:00", "08:00-", "-", ":-:"}) {
    INFO(bad);
    CHECK(error_of(bad) != "no error");
  }
  for (const char* good : {"8:00-9:30", "  sat,sun\t00:00-24:00 ", "1-5 22:00-06:00", "* 0:00-1:00",
                           "FRI-SUN 12:00-13:00"}) {
    INFO(good);
    CHECK(error_of(good) == "no error");
  }
}
