// SPDX-License-Identifier: Apache-2.0
#include "model/blackout.h"

#include <algorithm>
#include <bitset>

#include "base/text.h"
#include "model/cron.h"

namespace backproof {
namespace {

using std::chrono::minutes;

constexpr int day = 24 * 60;
constexpr int week = 7 * day;
using Week = std::bitset<week>;

Error wrong(std::string_view window, const std::string& what, std::string hint) {
  return {Cause::internal, what + ", got \"" + text::printable(window, 60) + '"', std::move(hint)};
}

// "08:00" to "24:00" as minutes since midnight.
std::optional<int> time_of_day(std::string_view s) {
  const std::size_t colon = s.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hour = text::parse_count(s.substr(0, colon));
  const auto minute = text::parse_count(s.substr(colon + 1));
  if (!hour || !minute || colon > 2 || s.size() != colon + 3 || *hour > 24 || *minute > 59)
    return std::nullopt;
  const int time = static_cast<int>(*hour) * 60 + static_cast<int>(*minute);
  return time <= day ? std::optional(time) : std::nullopt;
}

Result<void> block(std::string_view window, Week& blocked) {
  const std::string_view given = text::trim(window);
  const std::size_t blank = given.find_last_of(" \t");
  const bool has_days = blank != std::string_view::npos;
  const std::string_view times = has_days ? given.substr(blank + 1) : given;
  const std::size_t dash = times.find('-');
  const auto from = time_of_day(times.substr(0, dash));
  const auto to =
      dash == std::string_view::npos ? std::nullopt : time_of_day(times.substr(dash + 1));
  if (!from || !to || *from == day)
    return wrong(window, "expected a window of the day from 00:00 to 24:00",
                 R"(write it like "22:00-02:00" or "mon-fri 08:00-18:00")");
  if (*from == *to)
    return wrong(window, "a window ends when it begins", R"(write the whole day as "00:00-24:00")");
  TRY_ASSIGN(const auto days,
             parse_weekdays(has_days ? text::trim(given.substr(0, blank)) : std::string_view("*")));
  const int length = *to > *from ? *to - *from : *to + day - *from;
  for (int weekday = 0; weekday < 7; ++weekday)
    for (int i = 0; i < length && days[static_cast<std::size_t>(weekday)]; ++i)
      blocked.set(static_cast<std::size_t>((weekday * day + *from + i) % week));
  return {};
}

int minute_of_week(WallTime wall) {
  const auto date = std::chrono::floor<std::chrono::days>(wall);
  return static_cast<int>(std::chrono::weekday(date).c_encoding()) * day +
         static_cast<int>((wall - date).count());
}

}  // namespace

Result<Blackout> Blackout::parse(const std::vector<std::string>& windows, std::string_view zone) {
  Blackout blackout;
  blackout.windows_ = windows;
  TRY_ASSIGN(blackout.zone_, TimeZone::named(zone));
  Week blocked;
  for (const std::string& window : windows) TRY(block(window, blocked));
  if (blocked.all())
    return Error{Cause::internal, "nothing could ever start: the windows are the whole week",
                 "leave some time free, or write enabled = false"};
  for (int minute = 0; minute < week; ++minute) {
    if (!blocked[static_cast<std::size_t>(minute)]) continue;
    if (blackout.ranges_.empty() || blackout.ranges_.back().second != minute)
      blackout.ranges_.emplace_back(minute, minute);
    blackout.ranges_.back().second = minute + 1;
  }
  return blackout;
}

// The one around `wall`, which may begin before the week or end after it; empty when it is free.
Blackout::Range Blackout::range_at(WallTime wall) const {
  const int minute = minute_of_week(wall);
  const auto found =
      std::ranges::find_if(ranges_, [minute](const Range& r) { return minute < r.second; });
  if (found == ranges_.end() || minute < found->first) return {minute, minute};
  Range range = *found;
  const bool across = ranges_.front().first == 0 && ranges_.back().second == week;
  if (across && range.second == week) range.second += ranges_.front().second;
  if (across && range.first == 0) range.first = ranges_.back().first - week;
  return range;
}

// When the clocks change, the wall leaps: into a window, or out of it.
TimePoint Blackout::free_from(TimePoint t) const {
  while (!ranges_.empty()) {
    const WallTime wall = zone_.wall_at(t);
    const Range range = range_at(wall);
    if (range.first == range.second) break;
    const TimeZone::Stretch stretch = zone_.stretch_at(t);
    const WallTime end = wall + minutes(range.second - minute_of_week(wall));
    if (end - stretch.offset < stretch.end) return end - stretch.offset;
    t = stretch.end;
  }
  return t;
}

std::optional<TimePoint> Blackout::blocked_since(TimePoint t) const {
  std::optional<TimePoint> since;
  while (!ranges_.empty()) {
    const WallTime wall = zone_.wall_at(t);
    const Range range = range_at(wall);
    if (range.first == range.second) break;
    const TimeZone::Stretch stretch = zone_.stretch_at(t);
    const WallTime begin = wall - minutes(minute_of_week(wall) - range.first);
    since = std::max<TimePoint>(begin - stretch.offset, stretch.begin);
    if (*since > stretch.begin) break;
    t = *since - Duration(1);
  }
  return since;
}

Duration Blackout::longest() const {
  int longest = 0;
  for (const Range& range : ranges_) longest = std::max(longest, range.second - range.first);
  if (!ranges_.empty() && ranges_.front().first == 0 && ranges_.back().second == week)
    longest = std::max(longest, ranges_.front().second + week - ranges_.back().first);
  return minutes(longest);
}

}  // namespace backproof
