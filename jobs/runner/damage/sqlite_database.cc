// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/sqlite_database.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <system_error>

#include "base/text.h"
#include "db/sqlite_catalog.h"
#include "db/sqlite_record.h"
#include "db/sqlite_tree.h"
#include "runner/damage/sqlite_sql.h"

namespace backproof::damage {
namespace {

// The file is thrown away after a crash, so nothing needs a journal or a sync.
Result<sqlite::Connection> open_copy(const Path& file) {
  TRY_ASSIGN(sqlite::Connection db, sqlite::Connection::open(sqlite::uri_of(file, "mode=rw")));
  TRY(db.run(
      "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA foreign_keys=OFF;"
      "PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY; PRAGMA ignore_check_constraints=ON"));
  // Takes a log or a hot journal into the database, and leaves a single file behind.
  TRY(db.run("PRAGMA journal_mode=DELETE"));
  return db;
}

Result<void> flip(const Path& file, std::uint64_t at) {
  const Fd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  unsigned char byte = 0;
  if (!fd || pread(fd.get(), &byte, 1, static_cast<off_t>(at)) != 1)
    return errno_error(Cause::internal, "cannot read the copy");
  byte ^= 1U;
  if (pwrite(fd.get(), &byte, 1, static_cast<off_t>(at)) != 1)
    return errno_error(Cause::internal, "cannot write the copy");
  return {};
}

bool is_ordinary(const SqliteTable& table) {
  return !table.is_virtual && !table.is_shadow && !table.is_internal();
}

// Where the byte lies in the file; nothing for one that was copied from overflow pages.
std::optional<std::uint64_t> place_of(const Pages& pages, const Payload& payload,
                                      const unsigned char* byte) {
  if (byte < payload.local || byte >= payload.local + payload.local_size) return std::nullopt;
  return static_cast<std::uint64_t>(byte - pages.at(1));
}

// One of all places that are offered, each with the same chance.
class Chosen {
 public:
  explicit Chosen(Dice& dice) : dice_(dice) {}
  void offer(std::optional<std::uint64_t> place) {
    if (place && dice_.below(++offered_) == 0) place_ = place;
  }
  const std::optional<std::uint64_t>& place() const { return place_; }

 private:
  Dice& dice_;
  std::uint64_t offered_ = 0;
  std::optional<std::uint64_t> place_;
};

void offer_texts(const Pages& pages, SqliteRecord& record, const Cell& cell, Chosen& chosen) {
  if (!record.parse(cell.payload)) return;
  for (std::size_t field = 0; field < record.fields(); ++field) {
    SqliteValue value;
    if (!record.value(field, value) || value.kind != SqliteValue::Kind::text) continue;
    const auto letter = std::ranges::find_if(
        value.bytes, [](unsigned char c) { return is_letter(static_cast<char>(c)); });
    if (letter != value.bytes.end()) chosen.offer(place_of(pages, cell.payload, &*letter));
  }
}

// One b-tree of the file: of a table's rows, or of an index.
struct Tree {
  std::uint32_t root = 0;
  bool by_rowid = false, is_index = false;
};

// By the schema itself: it is asked of few files, and the catalog would look for each by itself.
Result<std::vector<Tree>> trees_of(sqlite::Connection& db, const SqliteCatalog& catalog) {
  TRY_ASSIGN(auto rows, db.prepare("SELECT tbl_name, rootpage, type = 'index' FROM sqlite_schema "
                                   "WHERE type IN ('table', 'index') AND rootpage > 0"));
  std::vector<Tree> trees;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return trees;
    const SqliteTable* table = catalog.find(std::string(rows.text(0)));
    if (table == nullptr || !is_ordinary(*table)) continue;
    const bool is_index = rows.integer(2) != 0;
    trees.push_back({static_cast<std::uint32_t>(rows.integer(1)),
                     !is_index && !table->without_rowid, is_index});
  }
}

using Search = std::function<void(const Pages&, const Tree&, PageMeter&, Chosen&)>;

Result<void> flip_found(const Path& file, Dice& dice, const Search& search, const char* nothing) {
  std::uint32_t count = 0;
  std::vector<Tree> trees;
  {
    TRY_ASSIGN(sqlite::Connection db, open_copy(file));
    TRY_ASSIGN(const SqliteCatalog catalog, read_catalog(db, Roots::of_none));
    count = catalog.pages;
    TRY_ASSIGN(trees, trees_of(db, catalog));
  }
  Chosen chosen(dice);
  {
    TRY_ASSIGN(const Pages pages, Pages::open(file, count));
    const RunContext context{system_clock(), {}};
    PageMeter meter(context, count);
    for (const Tree& tree : trees) search(pages, tree, meter, chosen);
  }
  if (!chosen.place()) return not_applicable(nothing);
  return flip(file, *chosen.place());
}

Result<void> flip_data(const Path& file, Dice& dice) {
  const Search search = [](const Pages& pages, const Tree& tree, PageMeter& meter, Chosen& chosen) {
    if (tree.is_index) return;
    SqliteRecord record(pages);
    const Visit visit = [&](const Cell& cell) {
      offer_texts(pages, record, cell, chosen);
      return true;
    };
    std::ignore = tree.by_rowid ? walk_table(pages, tree.root, visit, meter)
                                : walk_index(pages, tree.root, visit, meter);
  };
  return flip_found(file, dice, search, "no row holds a text with a letter");
}

// The last byte of an entry belongs to the key's last column or to the row that it leads to.
Result<void> flip_index(const Path& file, Dice& dice) {
  const Search search = [](const Pages& pages, const Tree& tree, PageMeter& meter, Chosen& chosen) {
    if (!tree.is_index) return;
    const Visit visit = [&](const Cell& cell) {
      if (cell.payload.overflow == 0 && cell.payload.local_size > 0)
        chosen.offer(
            place_of(pages, cell.payload, cell.payload.local + cell.payload.local_size - 1));
      return true;
    };
    std::ignore = walk_index(pages, tree.root, visit, meter);
  };
  return flip_found(file, dice, search, "no index has an entry");
}

Result<void> cut(const Path& file, Dice& dice) {
  const Fd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return errno_error(Cause::internal, "cannot open the copy");
  std::array<unsigned char, 100> head{};
  TRY(read_at(fd.get(), head, 0));
  const std::uint64_t given = std::uint64_t{head[16]} << 8U | head[17];
  const std::uint64_t page = given == 1 ? 65536 : given;
  TRY_ASSIGN(const FileFacts facts, facts_of(fd.get()));
  if (page == 0 || facts.bytes / page < 2) return not_applicable("the database has one page only");
  const std::uint64_t kept = 1 + dice.below(facts.bytes / page - 1);
  if (ftruncate(fd.get(), static_cast<off_t>(kept * page)) == 0) return {};
  return errno_error(Cause::internal, "cannot cut the copy");
}

// Runs what `sql_of` says of the tables in the dice's order until one statement changes something.
using SqlOf = std::function<std::vector<std::string>(const SqliteTable&, const SqliteCatalog&)>;
Result<void> change_some(const Path& file, Dice& dice, const SqlOf& sql_of, const char* nothing) {
  TRY_ASSIGN(sqlite::Connection db, open_copy(file));
  TRY_ASSIGN(const SqliteCatalog catalog, read_catalog(db, Roots::of_none));
  constexpr std::string_view state =
      "SELECT total_changes() || ' ' || schema_version FROM pragma_schema_version";
  for (const std::size_t n : dice.order_of(catalog.tables.size())) {
    const SqliteTable& table = catalog.tables[n];
    if (!is_ordinary(table)) continue;
    const std::vector<std::string> possible = sql_of(table, catalog);
    for (const std::size_t i : dice.order_of(possible.size())) {
      TRY_ASSIGN(const std::string before, db.text(state));
      if (!db.run(possible[i], sqlite::Names::hidden)) continue;
      TRY_ASSIGN(const std::string after, db.text(state));
      if (after != before) return {};
    }
  }
  return not_applicable(nothing);
}

Result<void> drop_table(const Path& file, Dice& dice) {
  const SqlOf sql = [](const SqliteTable& table, const SqliteCatalog&) {
    return std::vector<std::string>{"DROP TABLE " + text::quote_identifier(table.name)};
  };
  return change_some(file, dice, sql, "the database has no table");
}

Result<void> drop_tenth(const Path& file, Dice& dice) {
  const std::string rest = std::to_string(dice.below(10));
  const SqlOf sql = [&](const SqliteTable& table, const SqliteCatalog&) {
    const std::string name = text::quote_identifier(table.name);
    if (table.without_rowid) return std::vector<std::string>{};
    return std::vector<std::string>{
        "DELETE FROM " + name + " WHERE (SELECT count(*) FROM (SELECT 1 FROM " + name +
        " LIMIT 10)) = 10 AND rowid IN (SELECT rowid FROM (SELECT rowid, row_number() OVER (ORDER "
        "BY rowid) AS n FROM " +
        name + ") WHERE n % 10 = " + rest + ")"};
  };
  return change_some(file, dice, sql, "no table with rowids has 10 rows");
}

Result<void> drop_last_row(const Path& file, Dice& dice) {
  const SqlOf sql = [](const SqliteTable& table, const SqliteCatalog&) {
    const std::string name = text::quote_identifier(table.name);
    if (table.without_rowid) return std::vector<std::string>{};
    return std::vector<std::string>{"DELETE FROM " + name +
                                    " WHERE rowid = (SELECT max(rowid) FROM " + name + ")"};
  };
  return change_some(file, dice, sql, "no table with rowids has a row");
}

Result<void> orphan_row(const Path& file, Dice& dice) {
  const SqlOf sql = [](const SqliteTable& table, const SqliteCatalog& catalog) {
    std::vector<std::string> possible;
    for (const SqliteForeignKey& key : table.foreign_keys)
      if (!table.without_rowid && catalog.find(key.parent) != nullptr)
        possible.push_back(orphan_sql(table, key, catalog));
    return possible;
  };
  return change_some(file, dice, sql, "no row refers to another by a declared foreign key");
}

Result<void> drop_index(const Path& file, Dice& dice) {
  const SqlOf sql = [](const SqliteTable& table, const SqliteCatalog&) {
    std::vector<std::string> possible;
    for (const SqliteIndex& index : table.indexes)
      if (!index.name.starts_with("sqlite_autoindex_"))
        possible.push_back("DROP INDEX " + text::quote_identifier(index.name));
    return possible;
  };
  return change_some(file, dice, sql, "no index was made by CREATE INDEX");
}

// Rows are as they were; only what the schema demands of them is less.
Result<void> drop_constraint(const Path& file, Dice& dice) {
  TRY_ASSIGN(sqlite::Connection db, open_copy(file));
  TRY_ASSIGN(const SqliteCatalog catalog, read_catalog(db, Roots::of_none));
  TRY(db.run("PRAGMA writable_schema=ON"));
  for (const std::size_t n : dice.order_of(catalog.tables.size())) {
    const std::string& name = catalog.tables[n].name;
    if (!is_ordinary(catalog.tables[n])) continue;
    TRY_ASSIGN(auto schema, db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'table' AND "
                                       "name = ?1"));
    schema.bind(1, std::string_view(name));
    TRY_ASSIGN(const bool there, schema.step());
    const std::string sql(there ? schema.text(0) : "");
    const auto constraint = constraint_in(sql);
    if (!constraint) continue;
    TRY_ASSIGN(auto change, db.prepare("UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND "
                                       "name = ?2"));
    const std::string changed = applied(sql, {*constraint});
    change.bind(1, std::string_view(changed)).bind(2, std::string_view(name));
    TRY(change.step());
    return {};
  }
  return not_applicable("no table has a NOT NULL or a CHECK");
}

// In place of the database, with nothing of it.
Result<void> replace_by(const Path& file, std::string_view sql) {
  std::error_code error;
  for (const char* suffix : {"", "-wal", "-journal", "-shm"})
    std::filesystem::remove(file.native() + suffix, error);
  TRY_ASSIGN(sqlite::Connection db, sqlite::Connection::open(file.native()));
  return db.run(sql);
}

}  // namespace

Result<void> damage_sqlite_database(DamageKind kind, const Path& file, Dice& dice) {
  switch (kind) {
    case DamageKind::cut_content:
      return cut(file, dice);
    case DamageKind::flip_data:
      return flip_data(file, dice);
    case DamageKind::flip_index:
      return flip_index(file, dice);
    case DamageKind::drop_table:
      return drop_table(file, dice);
    case DamageKind::drop_tenth:
      return drop_tenth(file, dice);
    case DamageKind::drop_last_row:
      return drop_last_row(file, dice);
    case DamageKind::orphan_row:
      return orphan_row(file, dice);
    case DamageKind::drop_index:
      return drop_index(file, dice);
    case DamageKind::drop_constraint:
      return drop_constraint(file, dice);
    case DamageKind::empty_database:
      return replace_by(file, "CREATE TABLE t(a); DROP TABLE t; VACUUM");
    case DamageKind::other_database:
      return replace_by(file, sqlite_other_sql);
    case DamageKind::meta_command:
      return not_applicable("a database file holds no commands");
    case DamageKind::cut_container:
    case DamageKind::stale_copy:
    case DamageKind::appended_junk:
      break;
  }
  return Error{Cause::internal, "this damage is not one of a database's content", ""};
}

}  // namespace backproof::damage
