// SPDX-License-Identifier: Apache-2.0
#include "history/page_scan.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <set>
#include <utility>

#include "base/sqlite.h"

namespace backproof::history {
namespace {

// More than any table of ours has (https://sqlite.org/fileformat2.html for the numbers below).
constexpr int most_columns = 20;
constexpr std::uint32_t usual_page = 4096;
constexpr unsigned char table_leaf = 0x0d, index_leaf = 0x0a, index_inner = 0x02;

std::uint32_t big_endian(const unsigned char* at, int bytes) {
  std::uint32_t number = 0;
  for (int i = 0; i < bytes; ++i) number = number << 8U | at[i];
  return number;
}

bool is_page_size(std::uint32_t size) {
  return size >= 512 && size <= 65536 && (size & (size - 1)) == 0;
}

// That the file says, where its header can be believed; else the usual one.
std::uint32_t page_size_of(int fd) {
  std::array<unsigned char, 100> header{};
  const auto got = read_at(fd, header, 0);
  const bool is_sqlite = got && *got == header.size() &&
                         as_text(header).starts_with(std::string_view("SQLite format 3\0", 16));
  std::uint32_t size = big_endian(header.data() + 16, 2);
  if (size == 1) size = 65536;
  return is_sqlite && is_page_size(size) ? size : usual_page;
}

// A first page that names two tables: `t` of rows with numbers, `w` of those without.
Result<std::string> first_page(const Path& folder, std::uint32_t page_size) {
  const Path file = folder / "first-page";
  {
    TRY_ASSIGN(auto db, sqlite::Connection::open(file.native()));
    std::string columns = "c0";
    for (int i = 1; i < most_columns; ++i) columns += ",c" + std::to_string(i);
    TRY(db.run("PRAGMA auto_vacuum = NONE; PRAGMA page_size = " + std::to_string(page_size) +
               "; CREATE TABLE t(" + columns + "); CREATE TABLE w(" + columns +
               ", PRIMARY KEY (c0)) WITHOUT ROWID"));
  }
  TRY_ASSIGN(std::string page, read_file(file));
  std::filesystem::remove(file);
  page.resize(page_size);
  return page;
}

// Writes the page over what is there: for a file of so many pages, with or without a write-ahead
// log.
Result<void> put_first(int fd, std::string page, std::uint64_t pages, bool has_log) {
  page[18] = page[19] = has_log ? '\2' : '\1';
  for (std::size_t i = 0; i < 4; ++i)
    page[28 + i] = static_cast<char>(pages >> (24 - 8 * i) & 0xffU);
  if (::pwrite(fd, page.data(), page.size(), 0) == static_cast<ssize_t>(page.size())) return {};
  return errno_error(errno == ENOSPC ? Cause::space : Cause::internal, "cannot write the copy");
}

// What was committed to the write-ahead log comes into the file. The first page there may be the
// damaged file's own, whose schema must not matter.
Result<void> take_log(const Path& copy) {
  TRY_ASSIGN(auto db, sqlite::Connection::open(sqlite::uri_of(copy, "mode=rw")));
  TRY(db.run("PRAGMA writable_schema = ON"));
  TRY_ASSIGN(const std::int64_t busy, db.integer("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (busy == 0) return {};
  return Error{Cause::internal, "it is busy", ""};
}

// Of columns that come in pairs: what it is, and the value.
std::vector<Cell> cells_of(const sqlite::Statement& row) {
  std::vector<Cell> cells;
  for (int i = 0; i < most_columns; ++i) {
    const std::string_view type = row.text(2 * i);
    Cell cell{type == "null"      ? Cell::Kind::null
              : type == "integer" ? Cell::Kind::integer
              : type == "text"    ? Cell::Kind::text
                                  : Cell::Kind::other,
              0,
              {}};
    if (cell.kind == Cell::Kind::integer) cell.integer = row.integer(2 * i + 1);
    if (cell.kind == Cell::Kind::text) cell.text = row.text(2 * i + 1);
    cells.push_back(std::move(cell));
  }
  return cells;
}

// "SELECT typeof(c0),c0,typeof(c1)... FROM t".
std::string select_from(std::string_view table) {
  std::string sql = "SELECT ";
  for (int i = 0; i < most_columns; ++i) {
    const std::string column = "c" + std::to_string(i);
    sql += (i == 0 ? "typeof(" : ",typeof(") + column + ")," + column;
  }
  return sql + " FROM " + std::string(table);
}

class Scan {
 public:
  Scan(sqlite::Connection& db, const std::function<Result<void>(const FoundRow&)>& row,
       ScanFacts& facts)
      : db_(&db), row_(&row), facts_(&facts) {}

  Result<void> page(std::uint64_t number, unsigned char type) {
    const bool is_table = type == table_leaf;
    if (!is_table && type != index_leaf && type != index_inner) return {};
    TRY(db_->run("UPDATE sqlite_schema SET rootpage = " + std::to_string(number) +
                 " WHERE name = '" + (is_table ? "t" : "w") +
                 "'; PRAGMA writable_schema = RESET; PRAGMA writable_schema = ON"));
    return is_table ? table() : index();
  }

 private:
  // Numbers first: a row whose content lies in a page that is lost hides no other.
  Result<void> table() {
    std::set<std::int64_t> rowids;
    const bool is_whole = numbers("SELECT rowid FROM t", rowids) ||
                          numbers("SELECT rowid FROM t ORDER BY rowid DESC", rowids);
    if (!is_whole && rowids.empty()) ++facts_->unreadable_pages;
    for (const std::int64_t rowid : rowids) {
      auto select = db_->prepare(select_from("t") + " WHERE rowid = ?1");
      if (select) select->bind(1, rowid);
      const Result<bool> there = select ? select->step() : Result<bool>(select.error());
      if (!there || !*there)
        ++facts_->unreadable_rows;
      else
        TRY((*row_)({true, rowid, cells_of(*select)}));
    }
    return {};
  }

  // True when it came to the end.
  bool numbers(std::string_view sql, std::set<std::int64_t>& rowids) {
    auto rows = db_->prepare(sql);
    while (rows) {
      const Result<bool> there = rows->step();
      if (!there) return false;
      if (!*there) return true;
      rowids.insert(rows->integer(0));
    }
    return false;
  }

  Result<void> index() {
    std::uint64_t told = 0;
    for (const char* order : {"", " ORDER BY c0 DESC"}) {
      auto rows = db_->prepare(select_from("w") + order);
      while (rows) {
        const Result<bool> there = rows->step();
        if (!there) break;
        if (!*there) return {};
        ++told;
        TRY((*row_)({false, 0, cells_of(*rows)}));
      }
    }
    if (told == 0) ++facts_->unreadable_pages;
    return {};
  }

  sqlite::Connection* db_;
  const std::function<Result<void>(const FoundRow&)>* row_;
  ScanFacts* facts_;
};

}  // namespace

Result<ScanFacts> scan_pages(const Path& copy,
                             const std::function<Result<void>(const FoundRow&)>& row) {
  ScanFacts facts;
  const Fd fd(::open(copy.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return errno_error(Cause::internal, "cannot open the copy");
  const std::uint32_t size = page_size_of(fd.get());
  TRY_ASSIGN(const std::string first, first_page(copy.parent_path(), size));
  if (std::filesystem::exists(copy.native() + "-wal")) {
    TRY(put_first(fd.get(), first, 0, true));
    if (const Result<void> taken = take_log(copy); !taken) facts.log = taken.error().text;
    for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(copy.native() + end);
  }
  TRY_ASSIGN(const FileFacts whole, facts_of(fd.get()));
  facts.pages = (whole.bytes + size - 1) / size;
  if (::ftruncate(fd.get(), static_cast<off_t>(facts.pages * size)) != 0)
    return errno_error(Cause::internal, "cannot write the copy");
  if (facts.pages < 2) return facts;  // one page has no rows but those of the schema
  TRY(put_first(fd.get(), first, facts.pages, false));
  TRY_ASSIGN(auto db, sqlite::Connection::open(sqlite::uri_of(copy, "mode=rw")));
  TRY(
      db.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cell_size_check = ON; "
             "PRAGMA writable_schema = ON"));
  Scan scan(db, row, facts);
  for (std::uint64_t page = 2; page <= facts.pages; ++page) {
    std::array<unsigned char, 1> type{};
    TRY_ASSIGN(const std::size_t got, read_at(fd.get(), type, (page - 1) * size));
    if (got == 1) TRY(scan.page(page, type[0]));
  }
  return facts;
}

}  // namespace backproof::history
