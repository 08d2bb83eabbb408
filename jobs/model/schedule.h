// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/cron.h"
#include "model/time_zone.h"

namespace backproof {

// A five-field cron expression in an IANA time zone: minute hour day-of-month month day-of-week,
// with *, lists, ranges, steps, month and day names, 7 = Sunday, and @hourly @daily @midnight
// @weekly @monthly @yearly @annually. Of a month, L is the last day and L-3 the third before it,
// friL the last Friday and fri#2 the second. When both day fields are restricted, either may match
// (crontab(5)). Local times that a DST change skips run once at the next valid minute; those that
// it repeats run once, at the first. Immutable value; thread-safe.
class Schedule {
 public:
  // Errors say which field and what was expected.
  static Result<Schedule> parse(std::string_view expression, std::string_view zone = "UTC");

  // The first time strictly after `t`; 1970 when there is none within 41 years (30 February).
  TimePoint next_after(TimePoint t) const;
  // The longest and the shortest gap between runs on the calendar in the year that starts at `t`,
  // at least one gap; DST changes do not count. 0 when there is none within 41 years.
  Duration interval(TimePoint t) const;
  Duration shortest_interval(TimePoint t) const;

  const std::string& expression() const { return expression_; }
  const std::string& zone() const { return zone_; }
  const TimeZone& time_zone() const { return time_zone_; }

 private:
  Schedule() = default;
  std::string expression_, zone_;
  TimeZone time_zone_;
  Cron cron_;
};

}  // namespace backproof
