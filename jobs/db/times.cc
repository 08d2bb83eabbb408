// SPDX-License-Identifier: Apache-2.0
#include "db/times.h"

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
  const bool by_type =
      declared.find("timestamp") != std::string::npos || declared.starts_with("date");
  if (by_type || dialect == Dialect::postgresql) return by_type;
  const std::string named = text::lower(name);
  return named.ends_with("_at") || named.ends_with("_time") || named.ends_with("_date") ||
         named == "timestamp";
}

std::string epoch_sql(Dialect dialect, const std::string& column) {
  if (dialect == Dialect::postgresql)
    return "extract(epoch FROM (" + column + ")::pg_catalog.timestamptz)";
  return about(column, sqlite_epoch);
}

}  // namespace backproof
