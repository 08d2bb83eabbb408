// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/time_zone.h"

namespace backproof {

// What the five fields of a cron expression say, as a calendar of wall times. Time zones are not
// its business. Plain value.
struct Cron {
  std::bitset<60> at_minutes;
  std::bitset<24> at_hours;
  std::bitset<32> on_days;      // 1..31
  std::bitset<31> before_last;  // so many days before the last of the month: L is 0, L-3 is 3
  std::bitset<13> in_months;    // 1..12
  std::bitset<7> on_weekdays;   // 0 = Sunday
  std::bitset<35> on_nth;       // weekday * 5 + n - 1: fri#2
  std::bitset<7> on_last;       // of the month: friL
  bool any_day = true, any_weekday = true;  // the field began with *

  // Errors say which field and what was expected. Nicknames (@weekly) are understood.
  static Result<Cron> parse(std::string_view expression);

  // The first time from `from` on, within 41 years.
  std::optional<WallTime> next_from(WallTime from) const;

  // Between two times, in the year that starts at `from`, at least one gap; nothing when there is
  // none within 41 years.
  struct Gaps {
    Duration shortest, longest;
  };
  std::optional<Gaps> gaps(std::chrono::sys_days from) const;
};

// Weekdays like "mon-fri" or "sat,sun", as in the last field.
Result<std::bitset<7>> parse_weekdays(std::string_view s);

}  // namespace backproof
