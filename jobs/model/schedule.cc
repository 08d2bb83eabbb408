// SPDX-License-Identifier: Apache-2.0
#include "model/schedule.h"

#include <date/tz.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

// Time on the wall of the schedule's zone, counted as if that zone were UTC.
using WallTime = std::chrono::sys_time<minutes>;

struct Field {
  std::string_view name;
  int min, max;
  std::vector<std::string> names;  // of min, min + 1, ...
};

const std::array<Field, 5>& fields() {
  static const std::array<Field, 5> all{
      {{"minute", 0, 59, {}},
       {"hour", 0, 23, {}},
       {"day of month", 1, 31, {}},
       {"month",
        1,
        12,
        {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
       {"day of week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
  return all;
}

using Nickname = std::pair<std::string_view, std::string_view>;
constexpr std::array nicknames{Nickname{"@hourly", "0 * * * *"},   Nickname{"@daily", "0 0 * * *"},
                               Nickname{"@midnight", "0 0 * * *"}, Nickname{"@weekly", "0 0 * * 0"},
                               Nickname{"@monthly", "0 0 1 * *"},  Nickname{"@yearly", "0 0 1 1 *"},
                               Nickname{"@annually", "0 0 1 1 *"}};

Error wrong(const Field& field, std::string text, std::string hint = "") {
  return {Cause::internal, std::string(field.name) + ": " + std::move(text), std::move(hint)};
}

std::string shown(std::string_view s) {
  return '"' + text::printable(s, 60) + '"';
}

std::optional<int> number(std::string_view s) {
  int n = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n);
  if (s.empty() || s.front() == '-' || error != std::errc{} || end != s.data() + s.size())
    return std::nullopt;
  return n;
}

Result<int> parse_one(const Field& field, std::string_view s) {
  if (const auto n = number(s); n && *n >= field.min && *n <= field.max) return *n;
  const auto named = std::find(field.names.begin(), field.names.end(), text::lower(s));
  if (named != field.names.end()) return field.min + static_cast<int>(named - field.names.begin());
  std::string hint;
  if (s == "?") hint = "write * for any";
  if (const std::string near = text::nearest(s, field.names); !near.empty() && !number(s))
    hint = "did you mean \"" + near + "\"?";
  const std::string names =
      field.names.empty() ? "" : " or " + field.names.front() + " to " + field.names.back();
  return wrong(field,
               "expected " + std::to_string(field.min) + " to " + std::to_string(field.max) +
                   names + ", got " + shown(s),
               hint);
}

// One item of a list: *, N, N-M, each range with an optional /STEP. Sets its values in `bits`.
Result<void> parse_item(const Field& field, std::string_view item, std::bitset<64>& bits) {
  const auto parts = text::split(item, '/');
  const std::string_view range = parts[0];
  const std::size_t dash = range.find('-');
  int first = field.min;
  int last = field.max == 7 ? 6 : field.max;  // 7 is Sunday's second number
  if (range != "*") {
    TRY_ASSIGN(first, parse_one(field, range.substr(0, dash)));
    last = first;
  }
  if (dash != std::string_view::npos) {
    TRY_ASSIGN(last, parse_one(field, range.substr(dash + 1)));
    if (field.max == 7 && last == 0) last = 7;  // fri-sun
    if (last < first)
      return wrong(field, "range " + shown(range) + " runs backwards",
                   "write two ranges with a comma between them");
  }
  int step = 1;
  if (parts.size() > 1) {
    const auto n = number(parts[1]);
    if (range != "*" && dash == std::string_view::npos)
      return wrong(field, "a step needs a range, got " + shown(item),
                   "write " + std::string(range) + "-" + std::to_string(field.max) + "/" +
                       std::string(parts[1]));
    if (parts.size() > 2 || !n || *n < 1 || *n > last - first + 1)
      return wrong(field, "expected a step of 1 to " + std::to_string(last - first + 1) + ", got " +
                              shown(item));
    step = *n;
  }
  for (int value = first; value <= last; value += step)
    bits.set(static_cast<std::size_t>(field.max == 7 ? value % 7 : value));
  return {};
}

Result<std::bitset<64>> parse_field(const Field& field, std::string_view s) {
  std::bitset<64> bits;
  for (const std::string_view item : text::split(s, ',')) TRY(parse_item(field, item, bits));
  return bits;
}

template <std::size_t N>
std::bitset<N> narrowed(const std::bitset<64>& bits) {
  return std::bitset<N>(bits.to_ullong());
}

Result<std::string> expand(std::string_view expression) {
  if (!expression.starts_with('@')) return std::string(expression);
  std::vector<std::string> names;
  for (const auto& [name, meaning] : nicknames) {
    if (text::lower(expression) == name) return std::string(meaning);
    names.emplace_back(name);
  }
  const std::string near = text::nearest(expression, names);
  return Error{
      Cause::internal, "unknown schedule " + shown(expression),
      near.empty() ? "use one of " + text::join(names, ", ") : "did you mean \"" + near + "\"?"};
}

std::vector<std::string_view> words(std::string_view s) {
  std::vector<std::string_view> out;
  constexpr std::string_view blank = " \t";
  for (std::size_t at = s.find_first_not_of(blank); at != std::string_view::npos;) {
    const std::size_t end = std::min(s.find_first_of(blank, at), s.size());
    out.push_back(s.substr(at, end - at));
    at = s.find_first_not_of(blank, end);
  }
  return out;
}

// UTC needs no database, so that a machine without one can still run.
bool is_utc(std::string_view zone) {
  return zone == "UTC" || zone == "Etc/UTC";
}

// The zone with its rules read; null for UTC.
Result<const date::time_zone*> find_zone(std::string_view zone) {
  if (is_utc(zone)) return nullptr;
  return guarded(Cause::internal, "time zone database", [&]() -> Result<const date::time_zone*> {
    const auto& known = date::get_tzdb().zones;
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& one) { return one.name() == zone; });
    if (found == known.end()) {
      std::vector<std::string> names;
      for (const auto& one : known) names.push_back(one.name());
      const std::string near = text::nearest(zone, names);
      return Error{Cause::internal, "unknown time zone " + shown(zone),
                   near.empty() ? "use a name like \"Europe/Berlin\" or \"UTC\""
                                : "did you mean \"" + near + "\"?"};
    }
    found->get_info(date::sys_seconds{});
    return &*found;
  });
}

WallTime wall_at(const date::time_zone* zone, TimePoint t) {
  if (zone == nullptr) return std::chrono::floor<minutes>(t);
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  return std::chrono::floor<minutes>(whole + zone->get_info(whole).offset);
}

// Skipped times become the first instant after the gap, repeated ones their first occurrence.
TimePoint instant_of(const date::time_zone* zone, WallTime wall) {
  if (zone == nullptr) return wall;
  const auto info = zone->get_info(date::local_seconds(wall.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return wall - info.first.offset;
}

// The fields of a schedule as a calendar of wall times; time zones are not its business.
struct Calendar {
  const std::bitset<60>& minutes_set;
  const std::bitset<24>& hours_set;
  const std::bitset<32>& days_set;
  const std::bitset<13>& months_set;
  const std::bitset<7>& weekdays_set;
  bool either_day;  // both day fields are restricted

  bool has(sys_days day, const std::chrono::year_month_day& ymd) const {
    const bool by_day = days_set[static_cast<unsigned>(ymd.day())];
    const bool by_weekday = weekdays_set[std::chrono::weekday(day).c_encoding()];
    return either_day ? by_day || by_weekday : by_day && by_weekday;
  }

  // The first day of the schedule from `day` on, within eight years.
  std::optional<sys_days> day_from(sys_days day) const {
    for (const sys_days last = day + days(8 * 366); day <= last;) {
      const std::chrono::year_month_day ymd(day);
      if (!months_set[static_cast<unsigned>(ymd.month())]) {
        day = sys_days(ymd.year() / ymd.month() / 1 + std::chrono::months(1));
        continue;
      }
      if (has(day, ymd)) return day;
      day += days(1);
    }
    return std::nullopt;
  }

  // The first time of day of the schedule from `from` on, as minutes since midnight.
  std::optional<minutes> time_from(minutes from) const {
    auto minute = static_cast<std::size_t>(from.count() % 60);
    for (auto hour = static_cast<std::size_t>(from.count() / 60); hour < 24; ++hour, minute = 0) {
      if (!hours_set[hour]) continue;
      for (; minute < 60; ++minute)
        if (minutes_set[minute]) return minutes(hour * 60 + minute);
    }
    return std::nullopt;
  }

  std::optional<WallTime> next_from(WallTime from) const {
    const auto today = std::chrono::floor<days>(from);
    auto day = day_from(today);
    if (day == today) {
      if (const auto time = time_from(from - today)) return today + *time;
      day = day_from(today + days(1));
    }
    if (!day) return std::nullopt;
    return *day + time_from(minutes(0)).value_or(minutes(0));
  }

  // Between two times of one day, or from the last of a day to the first of the next day.
  minutes longest_gap(sys_days start) const {
    const minutes first = time_from(minutes(0)).value_or(minutes(0));
    minutes last = first, longest{};
    while (const auto next = time_from(last + minutes(1))) {
      longest = std::max(longest, *next - last);
      last = *next;
    }
    auto day = day_from(start);
    if (!day) return {};
    // More than a year, so that a yearly schedule has a gap; at least one, for 29 February.
    for (const sys_days end = *day + days(366); *day < end;) {
      const auto next = day_from(*day + days(1));
      if (!next) break;
      longest = std::max(longest, minutes(*next - *day) - (last - first));
      day = next;
    }
    return longest;
  }
};

}  // namespace

Result<Schedule> Schedule::parse(std::string_view expression, std::string_view zone) {
  expression = text::trim(expression);
  TRY_ASSIGN(const std::string expanded, expand(expression));
  const auto parts = words(expanded);
  if (parts.size() != fields().size())
    return Error{Cause::internal,
                 "expected five fields (minute hour day-of-month month day-of-week), got " +
                     text::plural(parts.size(), "field") + " in " + shown(expression),
                 parts.size() == 6 ? "there is no field for seconds or years"
                                   : "write it like \"30 3 * * sun\" or \"@weekly\""};
  std::array<std::bitset<64>, 5> bits;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    TRY_ASSIGN(bits[i], parse_field(fields()[i], parts[i]));
  }
  TRY(find_zone(zone));
  Schedule schedule;
  schedule.expression_ = expression;
  schedule.zone_ = zone;
  schedule.minutes_ = narrowed<60>(bits[0]);
  schedule.hours_ = narrowed<24>(bits[1]);
  schedule.days_ = narrowed<32>(bits[2]);
  schedule.months_ = narrowed<13>(bits[3]);
  schedule.weekdays_ = narrowed<7>(bits[4]);
  // crontab(5): a field that starts with * is not restricted, even by a step.
  schedule.any_day_ = parts[2].starts_with('*');
  schedule.any_weekday_ = parts[4].starts_with('*');
  return schedule;
}

TimePoint Schedule::next_after(TimePoint t) const {
  constexpr TimePoint end = sys_days(std::chrono::year(9000) / 1 / 1);  // calendars end somewhere
  if (t >= end) return {};
  t = std::max(t, TimePoint{});
  const Calendar calendar{minutes_, hours_, days_, months_, weekdays_, !any_day_ && !any_weekday_};
  const auto next = guarded(Cause::internal, "time zone", [&]() -> Result<TimePoint> {
    TRY_ASSIGN(const date::time_zone* zone, find_zone(zone_));
    // Wall time never runs ahead of its instant, so what is up to now on the wall is over. In a
    // repeated hour the next times on the wall may be over too.
    for (WallTime wall = wall_at(zone, t);;) {
      const auto match = calendar.next_from(wall + minutes(1));
      if (!match) return TimePoint{};
      if (const TimePoint instant = instant_of(zone, *match); instant > t) return instant;
      wall = *match;
    }
  });
  return next ? *next : TimePoint{};
}

Duration Schedule::interval(TimePoint t) const {
  const Calendar calendar{minutes_, hours_, days_, months_, weekdays_, !any_day_ && !any_weekday_};
  constexpr TimePoint end = sys_days(std::chrono::year(9000) / 1 / 1);
  return calendar.longest_gap(std::chrono::floor<days>(std::clamp(t, TimePoint{}, end)));
}

bool is_time_zone(std::string_view zone) {
  return find_zone(zone).has_value();
}

}  // namespace backproof
