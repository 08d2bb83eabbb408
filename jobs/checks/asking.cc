// SPDX-License-Identifier: Apache-2.0
#include "checks/asking.h"

#include <algorithm>

#include "base/text.h"

namespace backproof {
namespace {

// Name of the schema, of the table, its columns and their types; a table without columns has none.
std::string columns_query(Dialect dialect) {
  if (dialect == Dialect::sqlite)
    return "SELECT 'main', t.name, c.name, c.type FROM pragma_table_list AS t "
           "JOIN pragma_table_xinfo(t.name) AS c WHERE t.schema = 'main' AND t.type <> 'shadow' "
           "AND c.hidden <> 1 AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ";
  return "SELECT n.nspname, t.relname, c.attname, pg_catalog.format_type(c.atttypid, NULL) "
         "FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace "
         "JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 "
         "AND NOT c.attisdropped WHERE t.relkind IN ('r', 'p', 'm', 'v', 'f') "
         "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ";
}

std::string condition(Dialect dialect, const std::string& table) {
  const std::string wanted = sql_literal(table);
  if (dialect == Dialect::sqlite)
    return "AND (lower(t.name) = lower(" + wanted + ") OR 'main.' || lower(t.name) = lower(" +
           wanted + ")) ORDER BY t.name, c.cid";
  return "AND (t.relname = " + wanted + " OR n.nspname || '.' || t.relname = " + wanted +
         ") ORDER BY n.nspname, t.relname, c.attnum";
}

// Letter case of SQLite's names does not matter.
bool is_same_name(Dialect dialect, std::string_view a, std::string_view b) {
  return a == b || (dialect == Dialect::sqlite && text::lower(a) == text::lower(b));
}

Question question(std::string sql, const TableName& name, std::size_t rows) {
  return {std::move(sql), name.database, name.timeout, rows};
}

}  // namespace

TableName TableName::required(Options& options) {
  TableName name = database_only(options);
  name.table = options.required_string("table");
  if (options.has("table") && name.table.empty())
    options.problem("table", "names no table", "table = \"orders\"");
  return name;
}

TableName TableName::database_only(Options& options) {
  return {"", options.string("database", ""),
          options.duration("timeout", std::chrono::minutes(10))};
}

Result<FoundTable> find_table(Database& database, const TableName& name,
                              const RunContext& context) {
  const Dialect dialect = database.dialect();
  constexpr std::size_t most_columns = 10000;
  TRY_ASSIGN(const Answer rows,
             database.ask(question(columns_query(dialect) + condition(dialect, name.table), name,
                                   most_columns),
                          context));
  if (rows.empty())
    return Error{Cause::incomplete, "no table " + text::printable(name.table, 128), ""};
  FoundTable found;
  for (const auto& row : rows) {
    const std::string schema = row.at(0).value_or(""), table = row.at(1).value_or("");
    const std::string sql = text::quote_identifier(schema) + "." + text::quote_identifier(table);
    if (!found.sql.empty() && found.sql != sql)
      return Error{Cause::unproven,
                   "table " + text::printable(name.table, 128) + " is in more than one schema",
                   "write table = \"SCHEMA.TABLE\""};
    found.sql = sql;
    found.dialect = dialect;
    found.shown = dialect == Dialect::sqlite ? table : schema + "." + table;
    found.columns.push_back({row.at(2).value_or(""), text::lower(row.at(3).value_or(""))});
  }
  return found;
}

Result<std::vector<std::string>> quoted_columns(const FoundTable& table,
                                                const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const std::string& name : names) {
    const auto is_it = [&](const FoundColumn& column) {
      return is_same_name(table.dialect, column.name, name);
    };
    if (std::ranges::none_of(table.columns, is_it))
      return Error{Cause::incomplete,
                   "table " + text::printable(table.shown, 128) + " has no column " +
                       text::printable(name, 128),
                   ""};
    quoted.push_back(text::quote_identifier(name));
  }
  return quoted;
}

bool is_named(const TableFact& fact, std::string_view name, Dialect dialect) {
  return is_same_name(dialect, fact.table, name) || is_same_name(dialect, full_name(fact), name);
}

Result<std::vector<Field>> ask_row(Database& database, const std::string& sql,
                                   const TableName& name, const RunContext& context) {
  TRY_ASSIGN(Answer rows, database.ask(question(sql, name, 1), context));
  if (rows.empty()) return Error{Cause::internal, "the query gives no row", ""};
  return std::move(rows.front());
}

Result<std::uint64_t> ask_count(Database& database, const std::string& sql, const TableName& name,
                                const RunContext& context) {
  TRY_ASSIGN(const std::vector<Field> row, ask_row(database, sql, name, context));
  const auto count = row.empty() || !row.front() ? std::optional<std::uint64_t>(0)
                                                 : text::parse_count(*row.front());
  if (!count) return Error{Cause::internal, "a count is no number", ""};
  return *count;
}

Result<void> only_postgresql(Database& database, std::string_view what) {
  if (database.dialect() == Dialect::postgresql) return {};
  return Error{Cause::unproven, "a SQLite database has no " + std::string(what),
               "this check is for PostgreSQL: remove it from this target"};
}

std::string sql_literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'') literal += c;
    literal += c;
  }
  return literal + "'";
}

}  // namespace backproof
