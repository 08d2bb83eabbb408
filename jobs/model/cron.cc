// SPDX-License-Identifier: Apache-2.0
#include "model/cron.h"

#include <algorithm>

namespace backproof {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::sys_days;

bool has_day(const Cron& cron, const std::chrono::year_month_day& ymd, sys_days day) {
  const auto number = static_cast<unsigned>(ymd.day());
  const auto length = static_cast<unsigned>((ymd.year() / ymd.month() / std::chrono::last).day());
  const unsigned weekday = std::chrono::weekday(day).c_encoding();
  const bool by_day = cron.on_days[number] || cron.before_last[length - number];
  const bool by_weekday = cron.on_weekdays[weekday] ||
                          cron.on_nth[weekday * 5 + (number - 1) / 7] ||
                          (cron.on_last[weekday] && number + 7 > length);
  // crontab(5): of two days that are both restricted, either will do.
  const bool either = !cron.any_day && !cron.any_weekday;
  return either ? by_day || by_weekday : by_day && by_weekday;
}

// 29 February falls on a given weekday once in 28 or 40 years; nothing that ever comes is rarer.
constexpr days longest_wait(41 * 366);

// The first day of the schedule from `day` on, within 41 years.
std::optional<sys_days> day_from(const Cron& cron, sys_days day) {
  for (const sys_days last = day + longest_wait; day <= last;) {
    const std::chrono::year_month_day ymd(day);
    if (!cron.in_months[static_cast<unsigned>(ymd.month())]) {
      day = sys_days(ymd.year() / ymd.month() / 1 + std::chrono::months(1));
      continue;
    }
    if (has_day(cron, ymd, day)) return day;
    day += days(1);
  }
  return std::nullopt;
}

// The first time of day of the schedule from `from` on, as minutes since midnight.
std::optional<minutes> time_from(const Cron& cron, minutes from) {
  auto minute = static_cast<std::size_t>(from.count() % 60);
  for (auto hour = static_cast<std::size_t>(from.count() / 60); hour < 24; ++hour, minute = 0) {
    if (!cron.at_hours[hour]) continue;
    for (; minute < 60; ++minute)
      if (cron.at_minutes[minute]) return minutes(hour * 60 + minute);
  }
  return std::nullopt;
}

}  // namespace

std::optional<WallTime> Cron::next_from(WallTime from) const {
  const auto today = std::chrono::floor<days>(from);
  auto day = day_from(*this, today);
  if (day == today) {
    if (const auto time = time_from(*this, from - today)) return today + *time;
    day = day_from(*this, today + days(1));
  }
  if (!day) return std::nullopt;
  return *day + time_from(*this, minutes(0)).value_or(minutes(0));
}

// Between two times of one day, or from the last of a day to the first of the next day.
std::optional<Cron::Gaps> Cron::gaps(sys_days from) const {
  std::optional<Gaps> found;
  const auto take = [&found](Duration gap) {
    if (!found) found = {gap, gap};
    found->shortest = std::min(found->shortest, gap);
    found->longest = std::max(found->longest, gap);
  };
  auto day = day_from(*this, from);
  if (!day) return std::nullopt;
  const minutes first = time_from(*this, minutes(0)).value_or(minutes(0));
  minutes last = first;
  while (const auto next = time_from(*this, last + minutes(1))) {
    take(*next - last);
    last = *next;
  }
  // More than a year, so that a yearly schedule has a gap; at least one, for 29 February.
  for (const sys_days end = *day + days(366); *day < end;) {
    const auto next = day_from(*this, *day + days(1));
    if (!next) break;
    take(minutes(*next - *day) - (last - first));
    day = next;
  }
  return found;
}

}  // namespace backproof
