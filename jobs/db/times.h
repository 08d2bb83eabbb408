// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/database.h"

// Which columns hold times, and what times their values are.
namespace backproof {

// Whether a column looks like one of times: by its type (`type` as the database gives it, in any
// case); in SQLite, which has no type for them, by what that begins with or holds, or by the name.
bool is_time_column(Dialect dialect, std::string_view name, std::string_view type);

// SQL for the seconds since 1970 of a column (quoted); NULL where its value is no time. In SQLite:
// text as its date functions read it, if there is a digit in it; integers as seconds, or as milli-
// or microseconds where seconds would be beyond the year 5138; real numbers as Julian days where
// those are of the years to 9999, else like integers.
std::string epoch_sql(Dialect dialect, const std::string& column);

// What epoch_sql() gave, as a time. Nothing for NULL, infinity and what no clock shows.
std::optional<TimePoint> time_of_epoch(const Field& seconds);

}  // namespace backproof
