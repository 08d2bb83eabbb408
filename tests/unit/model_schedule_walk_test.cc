// SPDX-License-Identifier: Apache-2.0
// Schedules against a second, slow reading of crontab(5): every minute of a year, local time by the
// C library.
#include <functional>

#include "base/text.h"
#include "model/schedule.h"
#include "support/support.h"
#include "unit/model_walls.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;
using test::pick;

namespace {

// A minute of the wall's, when it came, and how long its month is.
struct Minute {
  std::time_t utc;
  int minute, hour, day, month, weekday, length;
};

int number_of(std::string_view s) {
  return std::stoi(std::string(s));
}

bool has_value(std::string_view item, int value, int min, int max) {
  const auto parts = text::split(item, '/');
  const auto ends = text::split(parts[0], '-');
  const int first = parts[0] == "*" ? min : number_of(ends[0]);
  const int last = parts[0] == "*" ? max : ends.size() > 1 ? number_of(ends[1]) : first;
  const int step = parts.size() > 1 ? number_of(parts[1]) : 1;
  return value >= first && value <= last && (value - first) % step == 0;
}

bool has_day(std::string_view item, const Minute& t) {
  if (item == "L") return t.day == t.length;
  if (item.starts_with("L-")) return t.day == t.length - number_of(item.substr(2));
  return has_value(item, t.day, 1, 31);
}

bool has_weekday(std::string_view item, const Minute& t) {
  if (item.ends_with('L')) return t.weekday == number_of(item) % 7 && t.day > t.length - 7;
  if (const std::size_t mark = item.find('#'); mark != std::string_view::npos) {
    const int nth = number_of(item.substr(mark + 1));
    return t.weekday == number_of(item) % 7 && t.day > 7 * (nth - 1) && t.day <= 7 * nth;
  }
  return has_value(item, t.weekday, 0, 6) ||
         (t.weekday == 0 && !item.starts_with('*') && has_value(item, 7, 0, 7));
}

bool any_of(std::string_view field, const std::function<bool(std::string_view)>& has) {
  const auto items = text::split(field, ',');
  return std::any_of(items.begin(), items.end(), has);
}

class SlowSchedule {
 public:
  explicit SlowSchedule(std::string_view expression) : fields_(text::split(expression, ' ')) {
    for (int i = 0; i < 60; ++i) minutes_[i] = has(0, i, 0, 59);
    for (int i = 0; i < 24; ++i) hours_[i] = has(1, i, 0, 23);
    for (int i = 1; i < 13; ++i) months_[i] = has(3, i, 1, 12);
    either_ = !fields_[2].starts_with('*') && !fields_[4].starts_with('*');
  }
  bool has(const Minute& t) const {
    if (!minutes_[t.minute] || !hours_[t.hour] || !months_[t.month]) return false;
    const bool by_day = any_of(fields_[2], [&](auto item) { return has_day(item, t); });
    const bool by_weekday = any_of(fields_[4], [&](auto item) { return has_weekday(item, t); });
    return either_ ? by_day || by_weekday : by_day && by_weekday;
  }

 private:
  bool has(std::size_t field, int value, int min, int max) const {
    return any_of(fields_[field], [&](auto item) { return has_value(item, value, min, max); });
  }

  std::vector<std::string_view> fields_;
  bool minutes_[60]{}, hours_[24]{}, months_[13]{}, either_ = false;
};

// Each minute of the wall's once: repeated ones at their first appearance, skipped ones at the
// minute that came instead.
std::vector<Minute> year_of(const char* zone, TimePoint from) {
  std::vector<Minute> out;
  std::time_t latest = 0;  // that the wall has shown
  for (const test::Shown& shown : test::walls_of(zone, from)) {
    for (latest = latest == 0 ? shown.wall - 60 : latest; latest < shown.wall;) {
      latest += 60;
      std::tm t{};
      ::gmtime_r(&latest, &t);
      const std::chrono::year year(t.tm_year + 1900);
      const auto last = year / (t.tm_mon + 1) / std::chrono::last;
      out.push_back({shown.utc, t.tm_min, t.tm_hour, t.tm_mday, t.tm_mon + 1, t.tm_wday,
                     static_cast<int>(static_cast<unsigned>(last.day()))});
    }
  }
  return out;
}

std::vector<std::time_t> slow_runs(std::string_view expression, const std::vector<Minute>& year) {
  const SlowSchedule schedule(expression);
  std::vector<std::time_t> out;
  for (const Minute& minute : year)
    if (schedule.has(minute) && (out.empty() || out.back() != minute.utc))
      out.push_back(minute.utc);
  return out;
}

std::vector<std::time_t> fast_runs(std::string_view expression, const char* zone,
                                   const std::vector<Minute>& year) {
  const auto schedule = Schedule::parse(expression, zone);
  REQUIRE(schedule);
  std::vector<std::time_t> out;
  for (TimePoint t = test::time_of(year.front().utc) - 1us;;) {
    t = schedule->next_after(t);
    const auto utc = std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
    if (utc == 0 || utc > year.back().utc) return out;
    out.push_back(utc);
  }
}

std::string random_item(test::Random& random, int min, int max, bool first_of_list) {
  const int first = pick(random, min, max), last = pick(random, first, max);
  switch (random.below(6)) {
    case 0:
      if (first_of_list) return "*";
      break;
    case 1:
      if (first_of_list) return "*/" + std::to_string(pick(random, 1, max - min));
      break;
    case 2:
      return std::to_string(first) + "-" + std::to_string(last);
    case 3:
      return std::to_string(first) + "-" + std::to_string(last) + "/" +
             std::to_string(pick(random, 1, last - first + 1));
    default:
      break;
  }
  return std::to_string(first);
}

// What depends on how long a month is.
std::string random_of_month(test::Random& random, bool weekday) {
  const bool is_last = random.below(2) == 0;
  if (!weekday) return is_last ? "L" : "L-" + std::to_string(pick(random, 1, 30));
  const std::string day = std::to_string(pick(random, 0, 7));
  return is_last ? day + "L" : day + "#" + std::to_string(pick(random, 1, 5));
}

std::string random_field(test::Random& random, int min, int max, bool of_month = false) {
  std::string out;
  for (std::uint64_t items = 1 + random.below(3); items > 0; --items) {
    if (!out.empty()) out += ',';
    out += of_month && random.below(3) == 0 ? random_of_month(random, max == 6)
                                            : random_item(random, min, max, out.empty());
  }
  return out;
}

}  // namespace

TEST_CASE("schedules agree with a walk over every minute of a year in six zones") {
  const std::vector<std::string> expressions{
      "30 3 * * 0",     "0 2 * * *",       "30 2 * * *",           "15 1,2,3 * * *",
      "*/15 * * * *",   "0 * * * *",       "45 1-3 * * *",         "0 0 1 * *",
      "0 0 31 * *",     "0 0 29 2 *",      "0 12 13 * 5",          "0 12 */2 * 1",
      "0 12 13 * */2",  "59 23 * 12 7",    "0 0 * * 5-7",          "0 2 * 3,4,10 0",
      "5 2 1-7 * 0",    "0 2 L * *",       "30 2 L-3 * *",         "30 2 * * 0L",
      "30 2 * * 7#1",   "0 1 L 2 *",       "0 3 1,L-1 * 5#2",      "0 0 * * 1#5",
      "15 2 * 3,10 0L", "30 1 * 4,10 0#1", "7-59/20 */7 * 3-5 1-5"};
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe",
                           "Asia/Kathmandu", "Africa/Casablanca"}) {
    const auto year = year_of(zone, at("2026-01-01T00:00:00Z"));
    for (const std::string& expression : expressions) {
      INFO(expression << " in " << zone);
      CHECK(fast_runs(expression, zone, year) == slow_runs(expression, year));
    }
  }
}

TEST_CASE("random schedules agree with a walk over every minute of a year") {
  test::Random random(7);
  for (const char* zone : {"Europe/Dublin", "America/St_Johns", "Pacific/Chatham",
                           "Australia/Lord_Howe", "America/Santiago"}) {
    const auto year = year_of(zone, at("2027-03-01T00:00:00Z"));
    for (int i = 0; i < 25; ++i) {
      const std::string expression =
          random_field(random, 0, 59) + ' ' + random_field(random, 0, 23) + ' ' +
          random_field(random, 1, 31, true) + ' ' + random_field(random, 1, 12) + ' ' +
          random_field(random, 0, 6, true);
      INFO(expression << " in " << zone);
      CHECK(fast_runs(expression, zone, year) == slow_runs(expression, year));
    }
  }
}
