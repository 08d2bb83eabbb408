// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checks/check.h"

// How checks that ask in SQL find what the configuration names, in both dialects. Errors of cause
// incomplete say that the restored database lacks it, which is the backup's fault; all others are
// trouble of our own.
namespace backproof {

// A table as the configuration names it, and how to ask about it.
struct TableName {
  std::string table;     // "orders"; "sales.orders" where more than one schema has one
  std::string database;  // of several restored databases; empty: the first
  Duration timeout{};    // of each question

  // Takes the keys `table` (required), `database` and `timeout`.
  static TableName required(Options& options);
  // The same without a table.
  static TableName database_only(Options& options);
};

struct FoundColumn {
  std::string name;
  std::string type;  // as declared, lower case
};
struct FoundTable {
  std::string sql;    // as it stands behind FROM, quoted
  std::string shown;  // for results: "sales.orders"
  Dialect dialect = Dialect::postgresql;
  std::vector<FoundColumn> columns;
};

// Views and partitioned tables count as tables.
Result<FoundTable> find_table(Database& database, const TableName& name, const RunContext& context);
// Quoted; the first that the table lacks is an Error.
Result<std::vector<std::string>> quoted_columns(const FoundTable& table,
                                                const std::vector<std::string>& names);

// Whether a name of the configuration means this table: "orders" in any schema, "sales.orders".
bool is_named(const TableFact& fact, std::string_view name, Dialect dialect);

// The first row of a question for one row.
Result<std::vector<Field>> ask_row(Database& database, const std::string& sql,
                                   const TableName& name, const RunContext& context);
// For a question whose only value is a count.
Result<std::uint64_t> ask_count(Database& database, const std::string& sql, const TableName& name,
                                const RunContext& context);

// For checks of what only PostgreSQL has: an Error for others, "sqlite has no roles".
Result<void> only_postgresql(Database& database, std::string_view what);

// A literal that both dialects understand. `text` holds no NUL.
std::string sql_literal(std::string_view text);

}  // namespace backproof
