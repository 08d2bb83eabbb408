// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_database.h"

#include <algorithm>

#include "support/sqlite_zoo.h"
#include "support/support.h"

namespace backproof::test {
namespace {

const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};

std::unique_ptr<Database> open(const Path& file, const SqliteSettings& settings = {}) {
  auto database = open_sqlite_database(file, settings);
  REQUIRE(database);
  return std::move(*database);
}

SelfCheck examine(const Path& file, const SqliteSettings& settings = {}) {
  return open(file, settings)->self_check(quiet);
}

bool mentions(const Result<Examined>& examined, std::string_view words) {
  REQUIRE(examined);
  return std::ranges::any_of(examined->findings, [&](const std::string& finding) {
    return finding.find(words) != std::string::npos;
  });
}

constexpr const char* counted_rows =
    "INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<500)"
    " SELECT n, 'value '||n FROM k;";

// Deletes a row while the index t_b is out of SQLite's sight.
void leave_index_behind(const Path& file) {
  run_sql(file,
          "PRAGMA writable_schema=ON; CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema"
          " WHERE name='t_b'; DELETE FROM sqlite_schema WHERE name='t_b';"
          "PRAGMA writable_schema=RESET; DELETE FROM t WHERE a=250; PRAGMA writable_schema=ON;"
          "INSERT INTO main.sqlite_schema SELECT * FROM kept;");
}

TEST_CASE("a whole database is proven, and every table is counted exactly") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, std::string("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON t(b);") +
                    counted_rows +
                    "CREATE TABLE \"we\"\"ird; --\"(x UNIQUE); INSERT INTO \"we\"\"ird; --\""
                    " VALUES(1),(2); CREATE TABLE \"100\"(x UNIQUE); INSERT INTO \"100\" VALUES(1);"
                    "CREATE TABLE w(k PRIMARY KEY) WITHOUT ROWID; CREATE TABLE bare(a);"
                    "CREATE VIEW v AS SELECT 1; CREATE TABLE auto(i INTEGER PRIMARY KEY"
                    " AUTOINCREMENT); CREATE VIRTUAL TABLE f USING fts5(x);"
                    "INSERT INTO f VALUES('word');");
  const SelfCheck check = examine(file);
  REQUIRE(check.integrity);
  CHECK(check.integrity->findings.empty());
  REQUIRE(check.foreign_keys);
  CHECK(check.foreign_keys->findings.empty());
  REQUIRE(check.tables);
  const auto rows = [&](const char* table) {
    const auto fact = std::ranges::find(*check.tables, table, &TableFact::table);
    REQUIRE(fact != check.tables->end());
    return fact->rows;
  };
  CHECK(rows("t") == 500);
  CHECK(rows("we\"ird; --") == 2);
  CHECK(rows("100") == 1);
  CHECK(rows("w") == 0);
  CHECK(rows("bare") == 0);
  CHECK(rows("f") == 1);
  CHECK(std::ranges::none_of(*check.tables, [](const TableFact& fact) {
    return fact.table == "v" || fact.table.starts_with("sqlite_") || fact.table.starts_with("f_");
  }));
}

TEST_CASE("an index out of step with its table is named in SQLite's words") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, std::string("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON t(b);") +
                    counted_rows);
  leave_index_behind(file);
  CHECK(ask_sql(file, "PRAGMA quick_check").front() == "ok");
  const SelfCheck check = examine(file);
  CHECK(mentions(check.integrity, "wrong # of entries in index t_b"));
  CHECK(check.integrity->how == "integrity_check");
  REQUIRE(check.tables);
  CHECK(check.tables->front().rows == 499);
}

TEST_CASE("integrity = pragma asks SQLite and gives the same answers") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, std::string("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON t(b);") +
                    counted_rows);
  SqliteSettings settings;
  settings.integrity = SqliteSettings::Integrity::pragma;
  const SelfCheck whole = examine(file, settings);
  REQUIRE(whole.integrity);
  CHECK(whole.integrity->how == "integrity_check");
  CHECK(whole.integrity->findings.empty());
  REQUIRE(whole.tables);
  CHECK(whole.tables->front().rows == 500);
  leave_index_behind(file);
  CHECK(mentions(examine(file, settings).integrity, "wrong # of entries in index t_b"));
}

TEST_CASE("findings beyond the cap are counted") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, std::string("CREATE TABLE t(a INTEGER PRIMARY KEY, b); CREATE INDEX t_b ON t(b);") +
                    counted_rows +
                    "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql='CREATE INDEX t_b ON"
                    " t(b DESC)' WHERE name='t_b';");
  SqliteSettings settings;
  settings.max_findings = 3;
  const SelfCheck check = examine(file, settings);
  REQUIRE(check.integrity);
  CHECK(check.integrity->findings.size() == 3);
  CHECK(check.integrity->more > 400);
}

TEST_CASE("rows without a parent are counted for each foreign key") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE p(id INTEGER PRIMARY KEY); INSERT INTO p VALUES(1),(2);"
          "CREATE TABLE c(id INTEGER PRIMARY KEY, p INTEGER REFERENCES p, q REFERENCES p,"
          " g REFERENCES gone); CREATE INDEX c_p ON c(p);"
          "INSERT INTO c VALUES(1,1,1,NULL),(2,7,2,NULL),(3,8,9,NULL),(4,NULL,NULL,5);");
  const SelfCheck check = examine(file);
  REQUIRE(check.integrity);
  CHECK(check.integrity->findings.empty());
  CHECK(mentions(check.foreign_keys, "2 rows of c (p) without a parent row in p"));
  CHECK(mentions(check.foreign_keys, "1 row of c (q) without a parent row in p"));
  CHECK(mentions(check.foreign_keys, "1 row of c (g) without a parent row in gone"));
  CHECK(check.foreign_keys->findings.size() == 3);
}

TEST_CASE("a foreign key to a key that is none is a finding") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE p(id, x); CREATE TABLE c(x REFERENCES p(x));"
          "INSERT INTO c VALUES(1);");
  CHECK(mentions(examine(file).foreign_keys, "foreign key mismatch"));
}

TEST_CASE("text of another letter case in an index is found although collations call it equal") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE);"
          "CREATE INDEX t_b ON t(b); INSERT INTO t VALUES(1, 'Needle');");
  std::string bytes = *read_file(file);
  bytes[bytes.rfind("Needle")] = 'n';  // the index was filled last and lies behind
  const SelfCheck check = examine(folder.write("y.db", bytes));
  CHECK(mentions(check.integrity, "values differ from index t_b"));
}

TEST_CASE("a database that needs what only its application has cannot be judged") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE t(a COLLATE NOCASE); CREATE INDEX t_a ON t(a);"
          "INSERT INTO t VALUES('x'); PRAGMA writable_schema=ON;"
          "UPDATE sqlite_schema SET sql=replace(sql, 'NOCASE', 'klingon')");
  const SelfCheck check = examine(file);
  REQUIRE_FALSE(check.integrity);
  CHECK(check.integrity.error().cause == Cause::missing_tool);
  CHECK(check.integrity.error().text.find("klingon") != std::string::npos);
  REQUIRE(check.tables);
  CHECK(check.tables->front().rows == 1);
}

TEST_CASE("what is no database is a finding, not a crash") {
  const Folder folder;
  const SelfCheck check = examine(folder.write("x.db", std::string(8192, 'x')));
  CHECK(mentions(check.integrity, "not a database"));
  REQUIRE_FALSE(check.tables);
  CHECK(check.tables.error().cause == Cause::wrong_format);
}

TEST_CASE("progress is told while a large table is read, and never beyond the total") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "PRAGMA page_size=512; CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
          "INSERT INTO t WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE"
          " n<5000) SELECT n, zeroblob(400) FROM k; CREATE INDEX t_b ON t(a);");
  std::uintmax_t calls = 0, total = 0;
  bool within = true;
  const RunContext context{system_clock(), [&](std::uintmax_t done, std::uintmax_t all) {
                             ++calls;
                             total = all;
                             within = within && done <= all;
                           }};
  const auto database = open(file);
  const SelfCheck& first = database->self_check(context);
  CHECK(calls > 0);
  CHECK(total > 10000);
  CHECK(within);
  CHECK(&first == &database->self_check(context));
}

TEST_CASE("a question is answered with all rows, and one with more than are wanted is not") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1, 'x'), (2, NULL);");
  const auto database = open(file);
  CHECK(*database->ask({"SELECT a, b FROM t ORDER BY a", "", std::chrono::minutes(1), 2}, quiet) ==
        Answer{{"1", "x"}, {"2", std::nullopt}});
  CHECK(database->ask({"SELECT a FROM t WHERE a = 9; -- none", ""}, quiet)->empty());
  CHECK_FALSE(database->ask({"SELECT a FROM t", "", std::chrono::minutes(1), 1}, quiet));
  for (const char* sql : {"", "SELECT", "SELECT * FROM gone", "SELECT 1; SELECT 2"})
    CHECK(database->ask({sql, ""}, quiet).error().cause == Cause::internal);
}

TEST_CASE("a question refuses everything that is more than reading") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, "CREATE TABLE t(a); INSERT INTO t VALUES(1);");
  const auto database = open(file);
  const std::string other = (folder / "other.db").string();
  for (const std::string& sql :
       {std::string("DELETE FROM t RETURNING a"), std::string("CREATE TABLE u(a)"),
        "ATTACH '" + other + "' AS o", "VACUUM INTO '" + other + "'",
        std::string("SELECT load_extension('x')"), std::string("PRAGMA journal_mode=DELETE"),
        std::string("PRAGMA writable_schema=ON"), std::string("CREATE TEMP TABLE u(a)")}) {
    INFO(sql);
    const auto answer = database->ask({sql, ""}, quiet);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().cause == Cause::internal);
  }
  CHECK_FALSE(std::filesystem::exists(other));
  CHECK(ask_sql(file, "SELECT count(*) FROM t").front() == "1");
}

TEST_CASE("the database file is left as it was, and nothing lies beside it") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, "PRAGMA journal_mode=WAL; CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES(1);");
  const std::string before = *read_file(file);
  const SelfCheck check = examine(file);
  REQUIRE(check.integrity);
  CHECK(check.integrity->how == "proof");
  CHECK(*read_file(file) == before);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

}  // namespace
}  // namespace backproof::test
