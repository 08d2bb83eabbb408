// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "db/sqlite_index_text.h"
#include "db/sqlite_utf16.h"

// The schema as SQLite itself understood it, not as the text of sqlite_schema claims.
namespace backproof {

// https://sqlite.org/datatype3.html section 3.1.
enum class Affinity { blob, text, numeric, integer, real };

struct SqliteColumn {
  std::string name;
  Affinity affinity = Affinity::blob;
  bool is_stored = true;     // false: a virtual generated column
  bool has_default = false;  // what rows that are older than the column have is not NULL
  bool is_time = false;      // looks like one of times (db/times.h)
};

struct SqliteIndexColumn {
  int column = 0;  // of the table; below 0 for these two
  static constexpr int rowid = -1, expression = -2;
  std::string collation;
  bool descending = false;
  bool is_key = true;  // false: rowid or primary key at the end, which make the entry unique
};

struct SqliteIndex {
  std::string name;
  bool is_unique = false, is_partial = false, is_primary_key = false;
  std::uint32_t root = 0;
  std::vector<SqliteIndexColumn> columns;
  std::optional<IndexText> text;  // of CREATE INDEX; nothing for those that constraints make
};

struct SqliteForeignKey {
  std::string parent;
  std::vector<std::string> from;
  std::vector<std::string> to;  // empty: the parent's primary key
};

struct SqliteTable {
  std::string name;
  bool is_virtual = false, without_rowid = false;
  bool is_shadow = false;             // keeps the content of a virtual table
  std::vector<SqliteColumn> columns;  // none of a virtual table
  std::vector<int> primary_key;       // columns in the order of the key
  int rowid_column = -1;              // the INTEGER PRIMARY KEY that is the rowid; -1 = none
  std::vector<SqliteIndex> indexes;
  std::vector<SqliteForeignKey> foreign_keys;  // by their id
  bool has_roots = false;  // the roots of the table and of all indexes are known (Roots)
  std::uint32_t root = 0;  // of a WITHOUT ROWID table: of its primary key

  bool is_internal() const;  // sqlite_sequence and its like
  // The index that holds the rows of a WITHOUT ROWID table; null for others.
  const SqliteIndex* storage() const;
  // Where a column lies in the table's record; nothing when it is computed or is the rowid.
  std::optional<std::size_t> field_of(int column) const;
};

struct SqliteCatalog {
  std::vector<SqliteTable> tables;  // ordinary and virtual, not views
  TextEncoding encoding = TextEncoding::utf8;
  std::uint32_t pages = 0;

  bool is_utf16() const { return encoding != TextEncoding::utf8; }
  const SqliteTable* find(const std::string& name) const;  // as SQL: ASCII case does not matter
};

// Of which tables the roots are looked for, at most 4000; that takes a while for each.
enum class Roots { of_none, of_indexed, of_all };
Result<SqliteCatalog> read_catalog(sqlite::Connection& connection, Roots roots);

// The columns of a table, those of a virtual table as its module declares them.
Result<std::vector<SqliteColumn>> read_columns(sqlite::Connection& connection,
                                               const std::string& table);

// A statement about one table: "PRAGMA main.NAME(TABLE)", quoted.
std::string table_pragma(std::string_view pragma, std::string_view table);

bool same_name(const std::string& a, const std::string& b);

}  // namespace backproof
