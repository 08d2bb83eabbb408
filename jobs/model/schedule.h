// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace backproof {

// A five-field cron expression in an IANA time zone: minute hour day-of-month month day-of-week,
// with *, lists, ranges, steps, month and day names, 7 = Sunday, and @hourly @daily @midnight
// @weekly @monthly @yearly @annually. When both day fields are restricted, either may match
// (crontab(5)). Local times that a DST change skips run once at the next valid minute; those that
// it repeats run once, at the first. Immutable value; thread-safe.
class Schedule {
 public:
  // Errors say which field and what was expected.
  static Result<Schedule> parse(std::string_view expression, std::string_view zone = "UTC");

  // The first time strictly after `t`; 1970 when there is none within eight years (30 February).
  TimePoint next_after(TimePoint t) const;
  // The longest gap between runs on the calendar in the year that starts at `t`, at least one gap;
  // DST changes do not count. 0 when there is none within eight years.
  Duration interval(TimePoint t) const;

  const std::string& expression() const { return expression_; }
  const std::string& zone() const { return zone_; }

 private:
  Schedule() = default;
  std::string expression_, zone_;
  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;                      // 1..31
  std::bitset<13> months_;                    // 1..12
  std::bitset<7> weekdays_;                   // 0 = Sunday
  bool any_day_ = true, any_weekday_ = true;  // the field began with *
};

// True for the names in the system's time zone database.
bool is_time_zone(std::string_view zone);

}  // namespace backproof
