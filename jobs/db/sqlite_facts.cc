// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_facts.h"

#include <sqlite3.h>

#include <algorithm>

#include "base/text.h"
#include "db/sqlite_count.h"
#include "db/times.h"

namespace backproof {
namespace {

// A column of the row `t`. With its table, because a name in quotes alone would be a text where
// there is no such column.
std::string column_sql(const SqliteColumn& column) {
  return "t." + text::quote_identifier(column.name);
}

std::string from_sql(const SqliteTable& table) {
  return " FROM main." + text::quote_identifier(table.name) + " AS t" +
         (table.is_virtual ? "" : " NOT INDEXED");
}

SqliteValue value_of(sqlite3_stmt* row, int column) {
  SqliteValue value;
  switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
      value.kind = SqliteValue::Kind::integer;
      value.integer = sqlite3_column_int64(row, column);
      break;
    case SQLITE_FLOAT:
      value.kind = SqliteValue::Kind::real;
      value.real = sqlite3_column_double(row, column);
      break;
    case SQLITE_TEXT: {
      value.kind = SqliteValue::Kind::text;
      const unsigned char* const text = sqlite3_column_text(row, column);
      value.bytes = {text, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
      break;
    }
    case SQLITE_BLOB: {
      value.kind = SqliteValue::Kind::blob;
      const auto* const bytes = static_cast<const unsigned char*>(sqlite3_column_blob(row, column));
      value.bytes = {bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
      break;
    }
    default:
      break;
  }
  return value;
}

// SQLite gives nothing where there is no memory for it.
bool is_complete(const SqliteValue& value) {
  if (value.kind == SqliteValue::Kind::text) return value.bytes.data() != nullptr;
  return value.bytes.empty() || value.bytes.data() != nullptr;
}

Result<RowFacts> sum_rows(sqlite::Connection& connection, const std::string& sql, RowFactsSum sum) {
  TRY_ASSIGN(sqlite::Statement statement, connection.prepare(sql));
  const int columns = static_cast<int>(sum.columns().size());
  while (true) {
    TRY_ASSIGN(const bool row, statement.step());
    if (!row) break;
    sum.begin_row();
    for (int i = 0; i < columns; ++i) {
      const SqliteValue value = value_of(statement.handle(), i);
      if (!is_complete(value)) return Error{Cause::space, "a value does not fit into memory", ""};
      sum.add(value);
    }
    sum.end_row();
  }
  RowFacts facts = sum.facts();
  facts.is_known = true;
  return facts;
}

// Leaves the connection as it was: in a transaction of the caller's, or in none.
class ReadTransaction {
 public:
  explicit ReadTransaction(sqlite::Connection& connection)
      : connection_(sqlite3_get_autocommit(connection.handle()) != 0 ? &connection : nullptr) {}
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction() {
    if (connection_ != nullptr) (void)connection_->run("ROLLBACK");
  }
  Result<void> begin() {
    return connection_ != nullptr ? connection_->run("BEGIN") : Result<void>();
  }

 private:
  sqlite::Connection* connection_;
};

}  // namespace

Result<RowFacts> read_row_facts(sqlite::Connection& connection, const SqliteTable& table,
                                const FactsWanted& wanted) {
  SqliteTable readable = table;
  if (table.is_virtual) {
    TRY_ASSIGN(readable.columns, read_columns(connection, table.name));
  }
  RowFactsSum sum(readable.columns, wanted);
  std::string sql;
  for (const int place : sum.columns())
    sql += (sql.empty() ? "SELECT " : ", ") +
           column_sql(readable.columns[static_cast<std::size_t>(place)]);
  if (sql.empty()) {
    RowFacts facts;
    TRY_ASSIGN(facts.rows, count_rows(connection, table));
    facts.is_known = true;
    return facts;
  }
  auto facts = sum_rows(connection, sql + from_sql(table), std::move(sum));
  if (!facts) return facts.error().while_doing("reading " + text::printable(table.name, 300));
  TRY(read_unread_times(connection, readable, wanted, *facts));
  return facts;
}

Result<void> read_unread_times(sqlite::Connection& connection, const SqliteTable& table,
                               const FactsWanted& wanted, RowFacts& facts) {
  const std::string latest = std::to_string(latest_wanted(wanted));
  for (const int place : facts.unread) {
    const std::string seconds =
        epoch_sql(Dialect::sqlite, column_sql(table.columns[static_cast<std::size_t>(place)]));
    TRY_ASSIGN(const std::int64_t newest,
               connection.integer("SELECT CAST(max(CASE WHEN " + seconds + " <= " + latest +
                                  " THEN " + seconds + " END) AS INTEGER)" + from_sql(table)));
    facts.newest = std::max(facts.newest, newest);
  }
  facts.unread.clear();
  return {};
}

bool has_facts(const SqliteTable& table) {
  return !table.is_internal() && !table.is_shadow;
}

TableFact fact_of(const SqliteTable& table, const RowFacts& facts) {
  return {"main",
          shown_name(table.name),
          facts.rows,
          facts.bytes,
          TimePoint(std::chrono::seconds(facts.newest)),
          facts.digest};
}

Result<std::vector<TableFact>> sqlite_facts(sqlite::Connection& connection,
                                            const FactsWanted& wanted) {
  ReadTransaction transaction(connection);
  TRY(transaction.begin());
  TRY_ASSIGN(const SqliteCatalog catalog, read_catalog(connection, Roots::of_none));
  std::vector<TableFact> facts;
  for (const SqliteTable& table : catalog.tables) {
    if (!has_facts(table)) continue;
    if (table.is_virtual)
      if (const auto rows = count_rows(connection, table);
          !rows && rows.error().cause == Cause::missing_tool)
        continue;
    TRY_ASSIGN(const RowFacts found, read_row_facts(connection, table, wanted));
    facts.push_back(fact_of(table, found));
  }
  return facts;
}

}  // namespace backproof
