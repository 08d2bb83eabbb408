// SPDX-License-Identifier: Apache-2.0
#include "model/schedule.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

// Calendars end somewhere.
constexpr TimePoint last_time = std::chrono::sys_days(std::chrono::year(9000) / 1 / 1);

std::chrono::sys_days day_of(TimePoint t) {
  return std::chrono::floor<std::chrono::days>(std::clamp(t, TimePoint{}, last_time));
}

}  // namespace

Result<Schedule> Schedule::parse(std::string_view expression, std::string_view zone) {
  Schedule schedule;
  TRY_ASSIGN(schedule.cron_, Cron::parse(expression));
  TRY_ASSIGN(schedule.time_zone_, TimeZone::named(zone));
  schedule.expression_ = text::trim(expression);
  schedule.zone_ = zone;
  return schedule;
}

TimePoint Schedule::next_after(TimePoint t) const {
  if (t >= last_time) return {};
  t = std::max(t, TimePoint{});
  // Wall time never runs ahead of its instant, so what is up to now on the wall is over. In a
  // repeated hour the next times on the wall may be over too.
  for (WallTime wall = time_zone_.wall_at(t);;) {
    const auto match = cron_.next_from(wall + std::chrono::minutes(1));
    if (!match) return {};
    if (const TimePoint instant = time_zone_.instant_of(*match); instant > t) return instant;
    wall = *match;
  }
}

Duration Schedule::interval(TimePoint t) const {
  const auto gaps = cron_.gaps(day_of(t));
  return gaps ? gaps->longest : Duration{};
}

Duration Schedule::shortest_interval(TimePoint t) const {
  const auto gaps = cron_.gaps(day_of(t));
  return gaps ? gaps->shortest : Duration{};
}

}  // namespace backproof
