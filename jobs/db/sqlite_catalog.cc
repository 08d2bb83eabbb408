// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_catalog.h"

#include <sqlite3.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "db/times.h"

namespace backproof {
namespace {

// Asking for roots costs SQLite a pass over the schema for each table.
constexpr std::size_t max_tables_with_roots = 4000;

Affinity affinity_of(std::string_view declared) {
  const std::string type = text::lower(declared);
  const auto has = [&](const char* part) { return type.find(part) != std::string::npos; };
  if (has("int")) return Affinity::integer;
  if (has("char") || has("clob") || has("text")) return Affinity::text;
  if (has("blob") || type.empty() || type == "any") return Affinity::blob;
  if (has("real") || has("floa") || has("doub")) return Affinity::real;
  return Affinity::numeric;
}

// Calls `row` for each row of a statement.
template <typename Fn>
Result<void> each(sqlite::Connection& connection, const std::string& sql, Fn&& row) {
  TRY_ASSIGN(sqlite::Statement statement, connection.prepare(sql));
  while (true) {
    TRY_ASSIGN(const bool more, statement.step());
    if (!more) return {};
    row(statement);
  }
}

// What strings take beyond their objects, about.
std::size_t size_of(const std::string& s) {
  return s.size() < 16 ? 0 : s.size() + 32;
}

// What a table takes here, in bytes, about: for a bound on all of them.
std::size_t size_of(const SqliteTable& table) {
  std::size_t sum = sizeof table + size_of(table.name) + 64;
  for (const SqliteColumn& column : table.columns) sum += sizeof column + size_of(column.name);
  for (const SqliteIndex& index : table.indexes) {
    sum += 2 * sizeof index + size_of(index.name);
    for (const SqliteIndexColumn& column : index.columns)
      sum += 2 * sizeof column + size_of(column.collation);
  }
  for (const SqliteForeignKey& key : table.foreign_keys) {
    sum += 2 * sizeof key + size_of(key.parent);
    for (const auto* names : {&key.from, &key.to})
      for (const std::string& name : *names) sum += 2 * sizeof(std::string) + size_of(name);
  }
  return sum;
}

std::size_t size_of(const IndexText& index) {
  std::size_t sum = sizeof index + 2 * size_of(index.name) + size_of(index.where) + 64;
  for (const std::string& column : index.columns) sum += 2 * sizeof(std::string) + size_of(column);
  return sum;
}

class SchemaMeter {
 public:
  Result<void> add(std::size_t bytes) {
    sum_ += bytes;
    if (sum_ <= std::size_t{sqlite::schema_limit}) return {};
    return Error{Cause::space,
                 "the schema takes more than the " + text::format_size(sqlite::schema_limit) +
                     " that there are for it",
                 ""};
  }

 private:
  std::size_t sum_ = 0;
};

SqliteColumn column_of(const sqlite::Statement& row) {
  constexpr std::int64_t virtual_generated = 2;
  const std::string_view name = row.text(1), type = row.text(2);
  SqliteColumn column{std::string(name), affinity_of(type)};
  column.is_stored = row.integer(6) != virtual_generated;
  column.has_default = !row.is_null(4) && text::lower(row.text(4)) != "null";
  column.is_time = is_time_column(Dialect::sqlite, name, type);
  return column;
}

Result<void> read_columns(sqlite::Connection& connection, SqliteTable& table) {
  std::map<std::int64_t, int> key;
  TRY(each(connection, table_pragma("table_xinfo", table.name), [&](const auto& row) {
    if (row.integer(5) > 0) key[row.integer(5)] = static_cast<int>(table.columns.size());
    table.columns.push_back(column_of(row));
  }));
  table.columns.shrink_to_fit();
  for (const auto& [position, column] : key) table.primary_key.push_back(column);
  return {};
}

Result<void> read_indexes(sqlite::Connection& connection, SqliteTable& table) {
  TRY(each(connection, table_pragma("index_list", table.name), [&](const auto& row) {
    SqliteIndex index;
    index.name = row.text(1);
    index.is_unique = row.integer(2) != 0;
    index.is_primary_key = row.text(3) == "pk";
    index.is_partial = row.integer(4) != 0;
    table.indexes.push_back(std::move(index));
  }));
  for (SqliteIndex& index : table.indexes)
    TRY(each(connection, table_pragma("index_xinfo", index.name), [&](const auto& row) {
      index.columns.push_back({static_cast<int>(row.integer(1)), text::lower(row.text(4)),
                               row.integer(3) != 0, row.integer(5) != 0});
    }));
  const bool has_key_index = std::ranges::any_of(table.indexes, &SqliteIndex::is_primary_key);
  if (!table.without_rowid && !has_key_index && table.primary_key.size() == 1)
    table.rowid_column = table.primary_key.front();
  return {};
}

// sqlite_schema's own rows may lie about names; what SQLite would open for the check of a table
// cannot. The program of integrity_check opens the table, then its indexes in the order of
// index_list; any other form of it, and the roots stay unknown.
Result<void> read_roots(sqlite::Connection& connection, SqliteTable& table) {
  std::vector<std::uint32_t> roots;
  bool as_expected = true;
  TRY(each(connection, "EXPLAIN " + table_pragma("integrity_check", table.name),
           [&](const auto& row) {
             if (row.text(1) != "OpenRead") return;
             roots.push_back(static_cast<std::uint32_t>(row.integer(3)));
             as_expected = as_expected && row.integer(4) == 0;  // in the main database
           }));
  const std::size_t first = table.without_rowid ? 0 : 1;
  table.has_roots = as_expected && roots.size() == table.indexes.size() + first;
  if (!table.has_roots) return {};
  for (std::size_t i = 0; i < table.indexes.size(); ++i) table.indexes[i].root = roots[first + i];
  const SqliteIndex* const storage = table.storage();
  if (!table.without_rowid) {
    table.root = roots.front();
  } else if (storage != nullptr) {
    table.root = storage->root;
  } else {
    table.has_roots = false;
  }
  return {};
}

Result<void> read_foreign_keys(sqlite::Connection& connection, SqliteTable& table) {
  std::map<std::int64_t, SqliteForeignKey> keys;
  TRY(each(connection, table_pragma("foreign_key_list", table.name), [&](const auto& row) {
    SqliteForeignKey& key = keys[row.integer(0)];
    key.parent = row.text(2);
    key.from.emplace_back(row.text(3));
    if (!row.is_null(4)) key.to.emplace_back(row.text(4));
  }));
  for (auto& [id, key] : keys) table.foreign_keys.push_back(std::move(key));
  return {};
}

// By the name in the text: that is what SQLite goes by, not the name in the column beside it.
Result<void> read_index_texts(sqlite::Connection& connection, SqliteCatalog& catalog,
                              SchemaMeter& meter) {
  std::map<std::string, IndexText> texts;
  Result<void> fits;
  TRY(each(connection, "SELECT sql FROM main.sqlite_schema WHERE sql LIKE 'create%index%'",
           [&](const auto& row) {
             auto parsed = parse_index_text(row.text(0));
             if (!fits || !parsed) return;
             fits = meter.add(size_of(*parsed));
             if (fits) texts.insert_or_assign(text::lower(parsed->name), std::move(*parsed));
           }));
  if (!fits) return fits.error();
  for (SqliteTable& table : catalog.tables)
    for (SqliteIndex& index : table.indexes)
      if (const auto found = texts.find(text::lower(index.name)); found != texts.end())
        index.text = found->second;
  return {};
}

}  // namespace

bool SqliteTable::is_internal() const {
  return text::lower(name).starts_with("sqlite_");
}

const SqliteIndex* SqliteTable::storage() const {
  if (!without_rowid) return nullptr;
  const auto found = std::ranges::find_if(indexes, &SqliteIndex::is_primary_key);
  return found == indexes.end() ? nullptr : &*found;
}

std::optional<std::size_t> SqliteTable::field_of(int column) const {
  if (column < 0 || static_cast<std::size_t>(column) >= columns.size()) return std::nullopt;
  if (const SqliteIndex* rows = storage()) {
    for (std::size_t i = 0; i < rows->columns.size(); ++i)
      if (rows->columns[i].column == column) return i;
    return std::nullopt;
  }
  if (column == rowid_column || !columns[static_cast<std::size_t>(column)].is_stored)
    return std::nullopt;
  return static_cast<std::size_t>(
      std::count_if(columns.begin(), columns.begin() + column,
                    [](const SqliteColumn& earlier) { return earlier.is_stored; }));
}

const SqliteTable* SqliteCatalog::find(const std::string& name) const {
  const auto found = std::ranges::find_if(
      tables, [&](const SqliteTable& table) { return same_name(table.name, name); });
  return found == tables.end() ? nullptr : &*found;
}

Result<std::vector<SqliteColumn>> read_columns(sqlite::Connection& connection,
                                               const std::string& table) {
  std::vector<SqliteColumn> columns;
  TRY(each(connection, table_pragma("table_xinfo", table), [&](const auto& row) {
    constexpr std::int64_t hidden = 1;  // a virtual table's argument or command
    if (row.integer(6) != hidden) columns.push_back(column_of(row));
  }));
  return columns;
}

Result<SqliteCatalog> read_catalog(sqlite::Connection& connection, Roots roots) {
  SqliteCatalog catalog;
  TRY_ASSIGN(const std::string encoding, connection.text("PRAGMA main.encoding"));
  if (encoding != "UTF-8")
    catalog.encoding = encoding == "UTF-16be" ? TextEncoding::utf16be : TextEncoding::utf16le;
  TRY_ASSIGN(const std::int64_t pages, connection.integer("PRAGMA main.page_count"));
  catalog.pages = static_cast<std::uint32_t>(pages);
  TRY(each(connection, "PRAGMA main.table_list", [&](const auto& row) {
    if (row.text(0) != "main" || row.text(2) == "view") return;
    SqliteTable table;
    table.name = row.text(1);
    table.is_virtual = row.text(2) == "virtual";
    table.is_shadow = row.text(2) == "shadow";
    table.without_rowid = row.integer(4) != 0;
    catalog.tables.push_back(std::move(table));
  }));
  std::ranges::sort(catalog.tables, {}, &SqliteTable::name);
  SchemaMeter meter;
  for (SqliteTable& table : catalog.tables) {
    if (table.is_virtual) continue;
    TRY(read_columns(connection, table));
    TRY(read_indexes(connection, table));
    const bool wants_roots =
        roots == Roots::of_all || (roots == Roots::of_indexed && !table.indexes.empty());
    if (wants_roots && catalog.tables.size() <= max_tables_with_roots)
      // Not for a collation that is missing here: such a table is left to the PRAGMA.
      if (!read_roots(connection, table)) table.has_roots = false;
    TRY(read_foreign_keys(connection, table));
    TRY(meter.add(size_of(table)));
  }
  TRY(read_index_texts(connection, catalog, meter));
  return catalog;
}

std::string table_pragma(std::string_view pragma, std::string_view table) {
  return "PRAGMA main." + std::string(pragma) + "(" + text::quote_identifier(table) + ")";
}

bool same_name(const std::string& a, const std::string& b) {
  return sqlite3_stricmp(a.c_str(), b.c_str()) == 0;
}

}  // namespace backproof
