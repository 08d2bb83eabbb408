// SPDX-License-Identifier: Apache-2.0
// The table's side of the proof by SQL: what indexes on expressions, with predicates or on columns
// with defaults must hold is computed by SQLite while it reads the table and nothing else.
#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <new>

#include "base/text.h"
#include "db/sqlite_connect.h"
#include "db/sqlite_scan.h"

namespace backproof {
namespace {

constexpr std::size_t max_arguments = 100;  // SQLITE_MAX_FUNCTION_ARG is 127

ByteView bytes_of(sqlite3_value* value, bool is_utf16) {
  // The bytes as they are in the database: asking for text would convert them. The length comes
  // after the address, as SQLite's manual demands.
  const void* const start = sqlite3_value_blob(value);
  const int size = is_utf16 ? sqlite3_value_bytes16(value) : sqlite3_value_bytes(value);
  return {static_cast<const unsigned char*>(start), static_cast<std::size_t>(size)};
}

SqliteValue value_of(sqlite3_value* value, bool is_utf16) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return {SqliteValue::Kind::integer, sqlite3_value_int64(value), 0, {}};
    case SQLITE_FLOAT:
      return {SqliteValue::Kind::real, 0, sqlite3_value_double(value), {}};
    case SQLITE_TEXT:
      return {SqliteValue::Kind::text, 0, 0, bytes_of(value, is_utf16)};
    case SQLITE_BLOB:
      return {SqliteValue::Kind::blob,
              0,
              0,
              {static_cast<const unsigned char*>(sqlite3_value_blob(value)),
               static_cast<std::size_t>(sqlite3_value_bytes(value))}};
    default:
      return {};
  }
}

struct Summing {
  bool is_utf16;
  CanonicalRow row;
};

// The aggregate function backproof_sum(values...): a RowSum as a blob. Its memory starts as zeros,
// which is an empty RowSum.
void sum_step(sqlite3_context* context, int count, sqlite3_value** values) {
  auto& summing = *static_cast<Summing*>(sqlite3_user_data(context));
  auto* const sum = static_cast<RowSum*>(sqlite3_aggregate_context(context, sizeof(RowSum)));
  if (sum == nullptr) return sqlite3_result_error_nomem(context);
  try {
    summing.row.clear();
    for (int i = 0; i < count; ++i) summing.row.add(value_of(values[i], summing.is_utf16));
    sum->add(summing.row);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void sum_final(sqlite3_context* context) {
  RowSum sum;
  if (const void* const found = sqlite3_aggregate_context(context, 0))
    std::memcpy(&sum, found, sizeof sum);
  sqlite3_result_blob(context, &sum, sizeof sum, reinterpret_cast<sqlite3_destructor_type>(-1));
}

bool define_sum(sqlite3* db, bool is_utf16) {
  return sqlite3_create_function_v2(
             db, "backproof_sum", -1, SQLITE_UTF8, new Summing{is_utf16, {}}, nullptr, &sum_step,
             &sum_final, [](void* data) { delete static_cast<Summing*>(data); }) == SQLITE_OK;
}

// A name for the rowid that no column hides; empty when all are hidden.
std::string rowid_name(const SqliteTable& table) {
  if (table.rowid_column >= 0)
    return text::quote_identifier(table.columns[static_cast<std::size_t>(table.rowid_column)].name);
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    const bool hidden = std::ranges::any_of(
        table.columns, [&](const SqliteColumn& column) { return same_name(column.name, name); });
    if (!hidden) return name;
  }
  return {};
}

std::string value_sql(const SqliteTable& table, const SqliteIndex& index, std::size_t i) {
  const int column = index.columns[i].column;
  if (column >= 0)
    return text::quote_identifier(table.columns[static_cast<std::size_t>(column)].name);
  if (column == SqliteIndexColumn::rowid) return rowid_name(table);
  return index.text && i < index.text->columns.size() ? "(" + index.text->columns[i] + ")" : "";
}

// The call that sums up the entries of one index; empty when it cannot be written.
std::string sum_sql(const SqliteTable& table, const SqliteIndex& index) {
  if (index.columns.size() > max_arguments) return {};
  if (index.is_partial != (index.text && !index.text->where.empty())) return {};
  std::string call;
  for (std::size_t i = 0; i < index.columns.size(); ++i) {
    const std::string value = value_sql(table, index, i);
    if (value.empty()) return {};
    call += (i == 0 ? "backproof_sum(" : ", ") + value;
  }
  call += ")";
  return index.is_partial ? call + " FILTER (WHERE " + index.text->where + ")" : call;
}

// True when the statement reads the table's own b-tree and no other: an index summed up from
// itself would prove nothing.
Result<bool> reads_only(sqlite::Connection& connection, const std::string& sql,
                        std::uint32_t root) {
  TRY_ASSIGN(sqlite::Statement statement, connection.prepare("EXPLAIN " + sql));
  std::size_t trees = 0;
  while (true) {
    TRY_ASSIGN(const bool row, statement.step());
    if (!row) return trees == 1;
    const std::string_view code = statement.text(1);
    if (!code.starts_with("Open") && code != "ReopenIdx") continue;
    ++trees;
    if (code != "OpenRead" || statement.integer(3) != root) return false;
  }
}

Result<TableSide> sum_table(sqlite::Connection& connection, const SqliteTable& table,
                            const std::string& sql, const std::vector<std::size_t>& summed) {
  TableSide side;
  TRY_ASSIGN(const bool table_only, reads_only(connection, sql, table.root));
  if (!table_only) return side;
  TRY_ASSIGN(sqlite::Statement statement, connection.prepare(sql));
  TRY_ASSIGN(const bool row, statement.step());
  if (!row) return side;
  side.rows = static_cast<std::uint64_t>(statement.integer(0));
  side.expected.resize(table.indexes.size());
  for (std::size_t i = 0; i < summed.size(); ++i) {
    const void* const blob = sqlite3_column_blob(statement.handle(), static_cast<int>(i) + 1);
    if (blob == nullptr) return side;
    std::memcpy(&side.expected[summed[i]], blob, sizeof(RowSum));
  }
  side.outcome = ScanOutcome::proven;
  return side;
}

}  // namespace

TableSide scan_table_by_sql(sqlite::Connection& connection, const SqliteTable& table,
                            bool is_utf16) {
  std::string sql = "SELECT count(*)";
  std::vector<std::size_t> summed;
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    if (&table.indexes[i] == table.storage()) continue;
    const std::string sum = sum_sql(table, table.indexes[i]);
    if (sum.empty()) return {};
    sql += ", " + sum;
    summed.push_back(i);
  }
  sql += " FROM main." + text::quote_identifier(table.name) + " NOT INDEXED";
  if (!define_sum(connection.handle(), is_utf16)) return {};
  if (auto side = sum_table(connection, table, sql, summed)) return *side;
  TableSide side;
  // Corrupt pages are what we look for; SQL that does not run is only a way that does not work.
  if (connection.code() == sqlite::Code::corrupt) side.outcome = ScanOutcome::suspicious;
  return side;
}

}  // namespace backproof
