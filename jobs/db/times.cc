// SPDX-License-Identifier: Apache-2.0
#include "db/times.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace backproof {
namespace {

// `expression` with each ? replaced by the column.
std::string about(const std::string& column, std::string_view expression) {
  std::string sql;
  for (const char c : expression) sql += c == '?' ? column : std::string(1, c);
  return sql;
}

// No abs(): it fails on the smallest integer. Text without a digit is no time, but SQLite takes
// 'now' for the present.
constexpr std::string_view sqlite_epoch =
    "CASE WHEN typeof(?) = 'text' THEN "
    "CASE WHEN ? GLOB '*[0-9]*' THEN CAST(strftime('%s', ?) AS INTEGER) END "
    "WHEN typeof(?) = 'real' AND ? BETWEEN 0 AND 5373484.5 THEN (? - 2440587.5) * 86400 "
    "WHEN typeof(?) IN ('integer', 'real') THEN "
    "CASE WHEN ? NOT BETWEEN -100000000000000 AND 100000000000000 THEN ? / 1000000 "
    "WHEN ? NOT BETWEEN -100000000000 AND 100000000000 THEN ? / 1000 ELSE ? END END";

}  // namespace

bool is_time_column(Dialect dialect, std::string_view name, std::string_view type) {
  const std::string declared = text::lower(type);
  // Ranges, arrays and types of users, whose names begin like those of times, are none.
  if (dialect == Dialect::postgresql)
    return declared == "date" || declared == "timestamp without time zone" ||
           declared == "timestamp with time zone";
  if (declared.find("timestamp") != std::string::npos || declared.starts_with("date")) return true;
  const std::string named = text::lower(name);
  return named.ends_with("_at") || named.ends_with("_time") || named.ends_with("_date") ||
         named == "timestamp";
}

std::string epoch_sql(Dialect dialect, const std::string& column) {
  if (dialect == Dialect::postgresql)
    return "extract(epoch FROM (" + column + ")::pg_catalog.timestamptz)";
  return about(column, sqlite_epoch);
}

std::optional<TimePoint> time_of_epoch(const Field& seconds) {
  if (!seconds) return std::nullopt;
  double value = 0;
  const auto [end, error] =
      std::from_chars(seconds->data(), seconds->data() + seconds->size(), value);
  if (error != std::errc() || end != seconds->data() + seconds->size() || !(std::abs(value) < 1e11))
    return std::nullopt;
  // Rounded: of a time of today a double holds a bit less than its microseconds.
  return TimePoint(Duration(std::llround(value * 1e6)));
}

}  // namespace backproof
