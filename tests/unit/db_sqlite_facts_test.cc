// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_facts.h"

#include <sqlite3.h>

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "db/sqlite_connect.h"
#include "db/sqlite_database.h"
#include "db/sqlite_scan.h"
#include "engines/sqlite/loader.h"
#include "support/damage.h"
#include "support/sqlite_zoo.h"
#include "support/support.h"

namespace backproof::test {
namespace {

const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};

FactsWanted everything() {
  return {true, at("2026-12-01T00:00:00Z")};
}

std::vector<TableFact> by_self_check(const Path& file, const FactsWanted& wanted = everything(),
                                     const SqliteSettings& settings = {}) {
  auto database = open_sqlite_database(file, settings);
  REQUIRE(database);
  (*database)->want(wanted);
  const SelfCheck& check = (*database)->self_check(quiet);
  REQUIRE(check.tables);
  return *check.tables;
}

sqlite::Connection open_live(const Path& file) {
  auto connection = sqlite::Connection::open(sqlite::uri_of(file, "mode=ro"), SQLITE_OPEN_READONLY);
  REQUIRE(connection);
  return std::move(*connection);
}

std::vector<TableFact> by_sql(const Path& file, const FactsWanted& wanted = everything()) {
  sqlite::Connection connection = open_live(file);
  auto facts = sqlite_facts(connection, wanted);
  INFO((facts ? "" : facts.error().text));
  REQUIRE(facts);
  return std::move(*facts);
}

// Bytes are not of the content.
std::vector<TableFact> content(std::vector<TableFact> facts) {
  for (TableFact& fact : facts) fact.bytes = 0;
  return facts;
}

std::string shown(const std::vector<TableFact>& facts) {
  std::string text;
  for (const TableFact& fact : facts)
    text += fact.table + " rows " + std::to_string(fact.rows) + " newest " +
            std::to_string(fact.newest.time_since_epoch().count() / 1000000) + " digest " +
            fact.digest + "\n";
  return text;
}

// The facts of each table that its pages alone give, compared with SQL's; says of which tables.
std::set<std::string> compare_pages_with_sql(const Path& file) {
  auto connection = connect_readonly(file);
  REQUIRE(connection);
  const auto catalog = read_catalog(*connection, Roots::of_all);
  REQUIRE(catalog);
  const auto pages = Pages::open(file, catalog->pages);
  REQUIRE(pages);
  PageMeter meter(quiet, catalog->pages);
  std::set<std::string> known;
  for (const SqliteTable& table : catalog->tables) {
    if (!has_facts(table) || !table.has_roots) continue;
    RowFacts facts = scan_table(*pages, table, catalog->encoding, everything(), meter).facts;
    if (!facts.is_known) continue;
    INFO(table.name);
    known.insert(table.name);
    REQUIRE(read_unread_times(*connection, table, everything(), facts));
    const auto expected = read_row_facts(*connection, table, everything());
    REQUIRE(expected);
    CHECK(facts.digest == expected->digest);
    CHECK(facts.rows == expected->rows);
    CHECK(facts.newest == expected->newest);
    CHECK(facts.bytes != 0);
  }
  return known;
}

// What `.dump` of the database makes of it when it is loaded again.
Path dumped_and_loaded(const Folder& folder, const Path& file) {
  const Path dump = folder / "dump.sql", loaded = folder / "loaded.db";
  std::filesystem::remove(loaded);
  sh("sqlite3 " + file.native() + " .dump >" + dump.native());
  auto fd = open_readonly(dump);
  REQUIRE(fd);
  auto text = Inflate::open(fd->get(), {});
  REQUIRE(text);
  const auto done = load_sqlite_dump(**text, loaded, 1U << 30U, quiet);
  INFO((done ? "" : done.error().text));
  REQUIRE(done);
  return loaded;
}

// Values that are told apart with difficulty; `r` is of affinity REAL.
constexpr const char* odd_values =
    "CREATE TABLE odd(id INTEGER PRIMARY KEY, v, r REAL, t TEXT, z);"
    "INSERT INTO odd(v, r, t) VALUES (1, 1, 'x'), (1.0, 1.0, ''), ('1', 2.5, NULL), (x'31', -0.0,"
    " 'a\tb\\c\nd'), (NULL, NULL, char(228, 8364, 128512)), (1e308, 1e308, '\\N'), (0.1, 0.1, 'x'),"
    " (9223372036854775807, 9223372036854775807, 'x'), (-9223372036854775808, -1e-300, 'x'),"
    " (5e-324, 5e-324, 'x'), (9e999, -9e999, 'x'), (-0.0, 0.0, 'x'), (123456789.123456789,"
    " 4503599627370497, 'x'), (zeroblob(70000), 1e22, printf('%.*c', 90000, 'y')), (x'', 3, 'x');"
    "INSERT INTO odd(v, t) SELECT v, t FROM odd WHERE typeof(v) <> 'integer';";

}  // namespace

TEST_CASE("pages and SQL give the same facts of every animal in the zoo") {
  const Folder folder;
  std::map<std::string, std::size_t> known;
  for (const ZooAnimal& animal : sqlite_zoo()) {
    INFO(animal.name);
    const Path file = folder.write("animal.db", animal.bytes);
    for (const std::string& table : compare_pages_with_sql(file))
      ++known[animal.name.substr(0, animal.name.find(' ')) + "." + table];
    const auto facts = by_self_check(file);
    CHECK(std::ranges::none_of(facts, [](const auto& fact) { return fact.digest.empty(); }));
    CHECK(shown(content(facts)) == shown(by_sql(file)));
    CHECK(content(facts) == by_sql(file));
    // The slow way, for the whole file, is the same again.
    const auto slow = by_self_check(file, everything(), {SqliteSettings::Integrity::pragma});
    CHECK(content(facts) == content(slow));
  }
  // Only defaults and computed columns keep pages from telling.
  CHECK(known.at("plain.t") == 4);
  CHECK(known.at("keyed.w") == 4);
  CHECK(known.at("large.t") == 4);
  CHECK(known.at("computed.p") == 4);
  CHECK(known.count("computed.t") == 0);
  CHECK(known.count("keyed.x") == 0);
  CHECK(known.at("strict.s") == 4);
  CHECK(known.count("strict.c") == 0);
}

TEST_CASE("pages and SQL give the same digests of odd values in every encoding") {
  const Folder folder;
  for (const std::string encoding : {"UTF-8", "UTF-16le", "UTF-16be"}) {
    INFO(encoding);
    const Path file = folder / (encoding + ".db");
    run_sql(file,
            "PRAGMA encoding='" + encoding + "';" + odd_values +
                "CREATE INDEX odd_t ON odd(t); CREATE INDEX odd_v ON odd(v);"
                "ALTER TABLE odd ADD COLUMN later TEXT;"
                "INSERT INTO odd(v, later) VALUES (8, 'here');"
                "CREATE TABLE w(b REAL, a TEXT, c, PRIMARY KEY(a, b)) WITHOUT ROWID;"
                "INSERT INTO w SELECT id, coalesce(t, ''), v FROM odd;"
                "CREATE TABLE nul(a TEXT, b); INSERT INTO nul VALUES ('a'||char(0)||'b', 1);");
    CHECK(compare_pages_with_sql(file) == std::set<std::string>{"nul", "odd", "w"});
    CHECK(content(by_self_check(file)) == by_sql(file));
    // A NUL is cut off by .dump, which is a loss that the digest is to show.
    const Path loaded = dumped_and_loaded(folder, file);
    auto before = by_sql(file), after = by_sql(loaded);
    CHECK(before.at(0).digest != after.at(0).digest);
    before.erase(before.begin());
    after.erase(after.begin());
    CHECK(shown(before) == shown(after));
  }
  // The encoding is not of the content.
  CHECK(by_sql(folder / "UTF-8.db") == by_sql(folder / "UTF-16be.db"));
}

TEST_CASE(
    "text that is none has the digest of its bytes, or the one that SQLite's conversion gives") {
  const Folder folder;
  const Path utf8 = folder / "8.db", utf16 = folder / "16.db";
  run_sql(utf8,
          "CREATE TABLE t(a TEXT UNIQUE); INSERT INTO t VALUES (CAST(x'61ff80c3' AS TEXT)),"
          "(CAST(x'eda080' AS TEXT)), (CAST(x'f8888080' AS TEXT));");
  CHECK(compare_pages_with_sql(utf8) == std::set<std::string>{"t"});
  // Half a pair and half a unit: SQLite is asked.
  run_sql(utf16,
          "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a TEXT UNIQUE);"
          "INSERT INTO t VALUES (CAST(x'61003dd8' AS TEXT)), (CAST(x'00dc6100' AS TEXT));"
          "CREATE TABLE u(a TEXT); INSERT INTO u VALUES (CAST(x'610062' AS TEXT));"
          "CREATE TABLE whole(a TEXT); INSERT INTO whole VALUES (CAST(x'3dd800de' AS TEXT)),"
          " (CAST(x'fffe6100' AS TEXT));");
  CHECK_FALSE(compare_pages_with_sql(utf16).contains("t"));
  CHECK(compare_pages_with_sql(utf16).contains("whole"));
  for (const Path& file : {utf8, utf16}) {
    const auto facts = content(by_self_check(file));
    CHECK(facts == by_sql(file));
    CHECK_FALSE(facts.front().digest.empty());
  }
}

TEST_CASE("defaults and computed columns are in the digest, whoever made the rows") {
  const Folder folder;
  const Path old = folder / "old.db", fresh = folder / "fresh.db";
  const std::string columns = "a TEXT, b INTEGER DEFAULT 7, c AS (a || b) VIRTUAL";
  run_sql(old,
          "CREATE TABLE t(a TEXT); INSERT INTO t VALUES ('x'), ('y'); ALTER TABLE t ADD COLUMN b"
          " INTEGER DEFAULT 7; ALTER TABLE t ADD COLUMN c AS (a || b) VIRTUAL;");
  run_sql(fresh, "CREATE TABLE t(" + columns + "); INSERT INTO t(a) VALUES ('y'), ('x');");
  CHECK(content(by_self_check(old)) == content(by_self_check(fresh)));
  CHECK(by_sql(old) == by_sql(fresh));
  CHECK(content(by_self_check(old)) == by_sql(fresh));
  run_sql(fresh, "UPDATE t SET b = 8 WHERE a = 'x'");
  CHECK_FALSE(by_sql(old) == by_sql(fresh));
  // Columns in another order are the same content.
  const Path moved = folder / "moved.db";
  run_sql(moved,
          "CREATE TABLE t(c AS (a || b) VIRTUAL, b INTEGER DEFAULT 7, a TEXT);"
          "INSERT INTO t(a) VALUES ('x'), ('y');");
  CHECK(content(by_self_check(moved)) == by_sql(old));
}

TEST_CASE("digests survive a dump that sqlite_sql loads") {
  const Folder folder;
  for (const ZooAnimal& animal : sqlite_zoo()) {
    INFO(animal.name);
    const Path file = folder.write("animal.db", animal.bytes);
    // Its texts with NULs are cut off by .dump, as above.
    if (animal.name.starts_with("large"))
      run_sql(file, "UPDATE t SET b = CAST(b AS BLOB); UPDATE gone SET b = CAST(b AS BLOB)");
    const Path loaded = dumped_and_loaded(folder, file);
    CHECK(shown(by_sql(file)) == shown(content(by_self_check(loaded))));
  }
}

TEST_CASE("twenty thousand random real numbers survive a dump in the digest") {
  const Folder folder;
  const Path file = folder / "reals.db";
  run_sql(file, "CREATE TABLE t(id INTEGER PRIMARY KEY, r REAL, v)");
  {
    auto connection = sqlite::Connection::open(file.native());
    REQUIRE(connection);
    REQUIRE(connection->run("BEGIN"));
    auto insert = connection->prepare("INSERT INTO t(r, v) VALUES (?1, ?1)");
    REQUIRE(insert);
    Random random(3);
    for (int i = 0; i < 20000; ++i) {
      const auto bits = std::bit_cast<double>(random.next());
      const auto price = static_cast<double>(random.below(100000000)) / 1000;
      REQUIRE(insert->bind(1, i % 2 == 0 ? bits : price).step());
      insert->reset();
    }
    REQUIRE(connection->run("COMMIT"));
  }
  const auto before = by_sql(file);
  CHECK(content(by_self_check(file)) == before);
  CHECK(by_sql(dumped_and_loaded(folder, file)) == before);
}

TEST_CASE("one changed byte in a text gives another digest of its table and of no other") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(id INTEGER PRIMARY KEY, note TEXT); CREATE INDEX t_id ON t(id, id);"
          "CREATE TABLE other(a TEXT); INSERT INTO other VALUES ('calm');"
          "INSERT INTO t VALUES (1, 'the quick brown fox'), (2, 'jumps over');");
  const auto before = by_self_check(file);
  std::string bytes = content_of(file);
  const std::size_t at = bytes.find("quick brown");
  REQUIRE(at != std::string::npos);
  bytes[at] = 'Q';
  const Path changed = folder.write("changed.db", bytes);
  const auto after = by_self_check(changed);
  REQUIRE(after.size() == 2);
  CHECK(after.at(0) == before.at(0));
  CHECK(after.at(1).digest != before.at(1).digest);
  CHECK_FALSE(after.at(1).digest.empty());
}

TEST_CASE("a table in a file that is not whole has no digest") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(a, b); CREATE INDEX t_b ON t(b); INSERT INTO t VALUES (1, 'word');");
  std::string bytes = content_of(file);
  bytes[bytes.rfind("word")] = 'W';  // in the index or in the table: they disagree
  const auto facts = by_self_check(folder.write("bad.db", bytes));
  REQUIRE(facts.size() == 1);
  CHECK(facts.front().rows == 1);
  CHECK(facts.front().digest.empty());
  CHECK(facts.front().newest == TimePoint());
}

TEST_CASE("whatever is damaged, a digest is the one that SQL gives, or there is none") {
  const Folder folder;
  Random random(17);
  std::size_t compared = 0, without = 0;
  for (const ZooAnimal& animal : sqlite_zoo())
    for (int turn = 0; turn < 10; ++turn) {
      std::string bytes = animal.bytes;
      const std::size_t at = 100 + random.below(bytes.size() - 100);
      bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << random.below(8)));
      INFO(animal.name << " byte " << at);
      const Path file = folder.write("damaged.db", bytes);
      auto database = open_sqlite_database(file, {});
      if (!database) continue;
      (*database)->want(everything());
      const SelfCheck& check = (*database)->self_check(quiet);
      if (!check.tables) continue;
      const bool is_whole = check.integrity && check.integrity->findings.empty();
      auto connection = connect_readonly(file);
      REQUIRE(connection);
      const auto expected = sqlite_facts(*connection, everything());
      for (const TableFact& fact : *check.tables) {
        if (fact.digest.empty()) {
          ++without;
          continue;
        }
        CHECK(is_whole);
        REQUIRE(expected);
        CHECK(std::ranges::count(*expected, content({fact}).front()) == 1);
        ++compared;
      }
    }
  CHECK(compared > 100);
  CHECK(without > 100);
}

TEST_CASE("what is not wanted is not made") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(a, created_at); INSERT INTO t VALUES (1, '2026-11-20 12:00:00');"
          "CREATE TABLE bare(a);");
  for (const auto& facts : {by_self_check(file, {}), by_sql(file, {})}) {
    REQUIRE(facts.size() == 2);
    CHECK(facts.at(1).rows == 1);
    CHECK(facts.at(1).digest.empty());
    CHECK(facts.at(1).newest == TimePoint());
  }
  const FactsWanted newest{false, at("2026-12-01T00:00:00Z")};
  for (const auto& facts : {by_self_check(file, newest), by_sql(file, newest)}) {
    CHECK(facts.at(1).digest.empty());
    CHECK(facts.at(1).newest == at("2026-11-20T12:00:00Z"));
  }
  CHECK(by_sql(file).at(0).digest == std::string(32, '0'));  // no rows
}

TEST_CASE("bytes are those of the pages that the rows of a table take") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "PRAGMA page_size=1024; CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON"
          " t(b); INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE"
          " n<500) SELECT n, printf('%.*c', n * 7, 'x') FROM k;"
          "CREATE TABLE w(a PRIMARY KEY, b) WITHOUT ROWID; INSERT INTO w SELECT a, b FROM t;");
  for (const TableFact& fact : by_self_check(file)) {
    const std::string tree = fact.table == "w" ? "w" : "t";
    // The index of a WITHOUT ROWID table's key has the table's name there.
    CHECK(ask_sql(file, "SELECT sum(pgsize) FROM dbstat WHERE name = '" + tree + "'") ==
          std::vector{std::to_string(fact.bytes)});
  }
}

TEST_CASE("values of many megabytes are digested from pages in little memory") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB, c TEXT, d TEXT);"
          "INSERT INTO t VALUES (1, zeroblob(30000000), replace(hex(zeroblob(4000000)), '00',"
          " 'a\n'), 'end');");
  CHECK(compare_pages_with_sql(file) == std::set<std::string>{"t"});
}

TEST_CASE("facts are read in the transaction that the connection is in, or in none that stays") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1);");
  sqlite::Connection reader = open_live(file);
  const auto before = sqlite_facts(reader, everything());
  REQUIRE(before);
  CHECK(sqlite3_get_autocommit(reader.handle()) != 0);
  REQUIRE(reader.run("BEGIN"));
  REQUIRE(reader.integer("SELECT count(*) FROM t"));
  run_sql(file, "INSERT INTO t VALUES (2)");
  const auto within = sqlite_facts(reader, everything());
  REQUIRE(within);
  CHECK(*within == *before);
  CHECK(sqlite3_get_autocommit(reader.handle()) == 0);
  REQUIRE(reader.run("ROLLBACK"));
  const auto after = sqlite_facts(reader, everything());
  REQUIRE(after);
  CHECK(after->front().rows == 2);
}

}  // namespace backproof::test
