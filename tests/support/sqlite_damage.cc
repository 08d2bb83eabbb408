// SPDX-License-Identifier: Apache-2.0
#include "support/sqlite_damage.h"

#include <algorithm>

namespace backproof::test {
namespace {

std::size_t read_u16(const std::string& s, std::size_t at) {
  return std::size_t{static_cast<unsigned char>(s[at])} * 256 +
         static_cast<unsigned char>(s[at + 1]);
}

void write_u16(std::string& s, std::size_t at, std::size_t value) {
  s[at] = static_cast<char>(value >> 8U);
  s[at + 1] = static_cast<char>(value & 255U);
}

std::size_t page_size_of(const std::string& database) {
  const std::size_t stored = read_u16(database, 16);
  return stored == 1 ? 65536 : stored;
}

void flip_bit(std::string& s, std::size_t at, Random& random) {
  s[at] = static_cast<char>(static_cast<unsigned char>(s[at]) ^ (1U << random.below(8)));
}

// A b-tree page with cells.
struct CellPage {
  std::size_t start = 0, size = 0, header = 0, pointers = 0, cells = 0;
  bool is_index = false, is_leaf = false;

  std::size_t pointer(std::size_t i) const { return pointers + 2 * i; }
};

std::vector<CellPage> cell_pages(const std::string& database) {
  std::vector<CellPage> pages;
  const std::size_t size = page_size_of(database);
  for (std::size_t start = 0; start + size <= database.size(); start += size) {
    CellPage page;
    page.start = start;
    page.size = size;
    page.header = start == 0 ? 100 : start;
    const auto kind = static_cast<unsigned char>(database[page.header]);
    if (kind != 2 && kind != 5 && kind != 10 && kind != 13) continue;
    page.is_index = kind == 2 || kind == 10;
    page.is_leaf = kind >= 10;
    page.cells = read_u16(database, page.header + 3);
    page.pointers = page.header + (page.is_leaf ? 8 : 12);
    if (page.cells != 0 && page.pointer(page.cells) <= start + size) pages.push_back(page);
  }
  return pages;
}

std::string quoted(const std::string& text, char quote) {
  std::string out(1, quote);
  for (const char c : text) out += c == quote ? std::string(2, c) : std::string(1, c);
  return out + quote;
}

std::string pick(const std::vector<std::string>& from, Random& random) {
  return from.empty() ? "" : from[random.below(from.size())];
}

// A change of rows that SQLite lets through and that touches a few.
std::string row_change(const Path& file, const std::string& table, Random& random) {
  const std::string name = quoted(table, '"');
  const std::vector<std::string> columns =
      ask_sql(file, "SELECT name FROM pragma_table_info(" + quoted(table, '\'') + ")");
  const std::string column = quoted(pick(columns, random), '"');
  const std::string nth = " WHERE " + column + " IN (SELECT " + column + " FROM " + name +
                          " LIMIT 2 OFFSET " + std::to_string(random.below(60)) + ")";
  switch (random.below(6)) {
    case 0:
      return "DELETE FROM " + name + nth;
    case 1:
      return "UPDATE OR IGNORE " + name + " SET " + column + " = NULL" + nth;
    case 2:
      return "UPDATE OR IGNORE " + name + " SET " + column + " = " + column + " || 'x'" + nth;
    case 3:
      return "UPDATE OR IGNORE " + name + " SET " + column + " = upper(" + column + ")" + nth;
    case 4:
      return "UPDATE OR IGNORE " + name + " SET " + column + " = " + column + " + 1" + nth;
    default:
      return "UPDATE OR IGNORE " + name + " SET " + column + " = (SELECT " + column + " FROM " +
             name + " LIMIT 1 OFFSET " + std::to_string(random.below(60)) + ")" + nth;
  }
}

// Changes rows while one or all indexes of their table are out of SQLite's sight.
std::string leave_index_behind(const Path& file, Random& random) {
  const std::string index = pick(
      ask_sql(file, "SELECT name FROM sqlite_schema WHERE type='index' AND sql <> ''"), random);
  const std::string table =
      pick(ask_sql(file, "SELECT tbl_name FROM sqlite_schema WHERE name=" + quoted(index, '\'')),
           random);
  const std::string hidden = random.below(3) == 0
                                 ? "type='index' AND sql <> '' AND tbl_name=" + quoted(table, '\'')
                                 : "type='index' AND name=" + quoted(index, '\'');
  const std::string change = row_change(file, table, random);
  try_sql(file,
          "PRAGMA synchronous=OFF; PRAGMA writable_schema=ON; CREATE TEMP TABLE kept AS"
          " SELECT * FROM sqlite_schema WHERE " +
              hidden + "; DELETE FROM sqlite_schema WHERE " + hidden +
              "; PRAGMA writable_schema=RESET; " + change +
              "; PRAGMA writable_schema=ON; INSERT INTO main.sqlite_schema SELECT * FROM kept;");
  return "index " + index + " left behind by " + change;
}

std::string change_schema(const Path& file, Random& random) {
  static const std::vector<std::string> changes{
      "UPDATE sqlite_schema SET sql=replace(sql, 'DESC', 'ASC')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'NOCASE', 'BINARY') WHERE type='index'",
      "UPDATE sqlite_schema SET sql=replace(sql, 'RTRIM', 'NOCASE')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX')",
      "UPDATE sqlite_schema SET sql=replace(sql, ' > 40', ' > 41')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'lower', 'upper')",
      "UPDATE sqlite_schema SET sql=replace(sql, '(a)', '(b)') WHERE type='index'",
      "UPDATE sqlite_schema SET sql=replace(sql, 'b * 2', 'b * 3')",
      "UPDATE sqlite_schema SET sql=replace(sql, '(c)', '(c DESC)') WHERE type='index'",
      "UPDATE sqlite_schema SET sql=replace(sql, 'a TEXT', 'a TEXT NOT NULL')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'REAL', 'TEXT')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'DEFAULT ''none''', 'DEFAULT ''nine''')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'DEFAULT 9', '')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'REFERENCES parent', 'REFERENCES gone')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'parent(code)', 'parent(x)')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'CHECK(x > 0)', 'CHECK(x > 4)')",
      "UPDATE sqlite_schema SET sql=replace(sql, 'COLLATE NOCASE', 'COLLATE unknown')",
      // Two indexes change places in one of their three properties.
      "UPDATE sqlite_schema SET rootpage=(SELECT sum(rootpage) FROM sqlite_schema WHERE rowid IN"
      " (%1,%2)) - rootpage WHERE rowid IN (%1,%2)",
      "UPDATE sqlite_schema AS s SET sql=(SELECT sql FROM sqlite_schema o WHERE o.rowid <> s.rowid"
      " AND o.rowid IN (%1,%2)) WHERE rowid IN (%1,%2)",
      "UPDATE sqlite_schema AS s SET name=(SELECT name FROM sqlite_schema o WHERE o.rowid <> "
      "s.rowid"
      " AND o.rowid IN (%1,%2)) WHERE rowid IN (%1,%2)",
  };
  std::string change = pick(changes, random);
  const auto rows =
      ask_sql(file, "SELECT rowid FROM sqlite_schema WHERE type='index' AND sql <> ''");
  for (const char* place : {"%1", "%2"}) {
    const std::string row = pick(rows, random);
    for (std::size_t at = 0; (at = change.find(place)) != std::string::npos;)
      change.replace(at, 2, row);
  }
  try_sql(file, "PRAGMA synchronous=OFF; PRAGMA writable_schema=ON; " + change);
  return change;
}

std::string break_constraints(const Path& file, Random& random) {
  const std::string table =
      pick(ask_sql(file,
                   "SELECT name FROM sqlite_schema WHERE type='table' AND sql NOT LIKE"
                   " '%VIRTUAL TABLE%' AND name NOT LIKE 'sqlite%'"),
           random);
  const std::string change = row_change(file, table, random);
  try_sql(file,
          "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;"
          "PRAGMA ignore_check_constraints=ON; " +
              change);
  return change;
}

}  // namespace

std::string damage_bytes(std::string& database, Random& random) {
  const std::size_t size = page_size_of(database);
  const std::size_t pages = database.size() / size;
  const std::size_t a = random.below(pages) * size;
  const std::size_t b = random.below(pages) * size;
  switch (random.below(9)) {
    case 0: {
      const std::size_t at = random.below(database.size());
      flip_bit(database, at, random);
      return "bit flip in byte " + std::to_string(at);
    }
    case 1:
      for (std::size_t i = 0; i < size; ++i) database[a + i] = '\0';
      return "zeroed page " + std::to_string(a / size + 1);
    case 2:
      std::swap_ranges(database.begin() + static_cast<std::ptrdiff_t>(a),
                       database.begin() + static_cast<std::ptrdiff_t>(a + size),
                       database.begin() + static_cast<std::ptrdiff_t>(b));
      return "swapped pages " + std::to_string(a / size + 1) + " and " +
             std::to_string(b / size + 1);
    case 3:
      database.replace(a, size, database.substr(b, size));
      return "a page over another";
    case 4: {
      const std::size_t at = random.below(database.size() - 8);
      database.replace(at, 8, random.bytes(8));
      return "eight random bytes at " + std::to_string(at);
    }
    case 5: {
      const std::size_t at = 16 + random.below(84);
      flip_bit(database, at, random);
      return "bit flip in byte " + std::to_string(at) + " of the header";
    }
    case 6: {
      const std::size_t at = a + (a == 0 ? 100 : 0) + random.below(16);
      flip_bit(database, at, random);
      return "bit flip in the head of page " + std::to_string(a / size + 1);
    }
    case 7:
      database.resize(database.size() - size);
      return "the last page is missing";
    default:
      database[31] = static_cast<char>(database[31] + (random.below(2) == 0 ? 1 : -1));
      return "wrong page count";
  }
}

std::string damage_cells(std::string& database, Random& random) {
  std::vector<CellPage> pages = cell_pages(database);
  if (random.below(3) != 0) std::erase_if(pages, [](const CellPage& p) { return !p.is_index; });
  if (pages.empty()) return "nothing";
  const CellPage page = pages[random.below(pages.size())];
  const std::string where = " on page " + std::to_string(page.start / page.size + 1);
  const std::size_t i = random.below(page.cells);
  const std::size_t j = random.below(page.cells);
  const std::size_t cell = page.start + read_u16(database, page.pointer(i));
  const std::size_t end = page.start + page.size;
  const std::size_t at = std::min(cell + random.below(24), end - 1);
  switch (random.below(7)) {
    case 0:
    case 1:
      flip_bit(database, at, random);
      return "bit flip in a cell" + where;
    case 2:
      database[at] = static_cast<char>(random.next());
      return "a byte of a cell" + where;
    case 3:
      database[at] = static_cast<char>(database[at] ^ 0x20);
      return "letter case" + where;
    case 4: {
      const std::size_t other = read_u16(database, page.pointer(j));
      write_u16(database, page.pointer(j), read_u16(database, page.pointer(i)));
      write_u16(database, page.pointer(i), other);
      return "two cells in each other's place" + where;
    }
    case 5:
      write_u16(database, page.header + 3, page.cells - 1);
      return "one cell less" + where;
    default: {
      const std::size_t source = page.start + read_u16(database, page.pointer(j));
      const std::size_t n = std::min({std::size_t{8}, end - source, end - cell});
      database.replace(cell, n, database.substr(source, n));
      return "the start of a cell over another" + where;
    }
  }
}

std::string damage_logic(const Path& file, Random& random) {
  switch (random.below(4)) {
    case 0:
    case 1:
      return leave_index_behind(file, random);
    case 2:
      return change_schema(file, random);
    default:
      return break_constraints(file, random);
  }
}

}  // namespace backproof::test
