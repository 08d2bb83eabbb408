// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace date {
class time_zone;
}

namespace backproof {

// Time on the wall of a zone, counted as if that zone were UTC.
using WallTime = std::chrono::sys_time<std::chrono::minutes>;

// The rules of one IANA time zone. Value; thread-safe.
class TimeZone {
 public:
  TimeZone() = default;  // UTC, which needs no database, so that a machine without one can run
  static Result<TimeZone> named(std::string_view name);

  // To the minute, rounded down.
  WallTime wall_at(TimePoint t) const;
  // Skipped times become the first instant after the gap, repeated ones their first occurrence.
  TimePoint instant_of(WallTime wall) const;

  // A stretch in which the wall runs with the world: its instants are [begin, end).
  struct Stretch {
    TimePoint begin, end;
    Duration offset;  // of the wall from UTC
  };
  Stretch stretch_at(TimePoint t) const;

 private:
  const date::time_zone* rules_ = nullptr;  // null: UTC; of the database, which is never unloaded
};

// "2026-11-24T04:07:00+01:00": a time as the zone's wall shows it.
std::string local_time(const TimeZone& zone, TimePoint t);

// True for the names in the system's time zone database.
bool is_time_zone(std::string_view zone);

}  // namespace backproof
