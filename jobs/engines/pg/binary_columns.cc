// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/binary_columns.h"

#include <map>

#include "base/text.h"

namespace backproof {
namespace {

constexpr const char* columns_query =
    "SELECT a.attname, a.atttypid, t.typtype FROM pg_attribute a "
    "JOIN pg_type t ON t.oid = a.atttypid "
    "WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped";

}  // namespace

Result<std::vector<PgBinaryType>> binary_columns(pg::Connection& connection,
                                                 const std::string& table_oid,
                                                 const std::vector<std::string>& columns) {
  TRY_ASSIGN(const pg::Rows rows, connection.query(columns_query, {table_oid}));
  std::vector<PgBinaryType> types;
  std::map<std::string, std::optional<PgBinaryType>> known;
  for (const pg::Row& row : rows)
    known[row[0].value_or("")] = binary_type_of(
        static_cast<std::uint32_t>(text::parse_count(row[1].value_or("")).value_or(0)),
        row[2].value_or("b").front());
  for (const std::string& name : columns) {
    const auto column = known.find(name);
    if (column == known.end() || !column->second) return std::vector<PgBinaryType>{};
    types.push_back(*column->second);
  }
  return types;
}

}  // namespace backproof
