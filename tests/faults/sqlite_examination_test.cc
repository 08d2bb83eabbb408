// SPDX-License-Identifier: Apache-2.0
// What the examination of a SQLite database must neither miss nor make up, by the real program.
#include <algorithm>

#include "support/damage.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Path with_sql(const Folder& folder, const std::string& sql) {
  run_sql(folder / "x.db", sql);
  return folder / "x.db";
}

constexpr const char* one_row = "CREATE TABLE t(a); INSERT INTO t VALUES(1);";

}  // namespace

DAMAGE("more", "nothing: WITHOUT ROWID with the primary key behind other columns", passed, none,
       "") {
  return with_sql(folder,
                  "CREATE TABLE kv(val TEXT NOT NULL, k TEXT PRIMARY KEY) WITHOUT ROWID;"
                  "INSERT INTO kv VALUES('v', 'k'), ('w', 'l');"
                  "CREATE TABLE mn(a INT, b INT, PRIMARY KEY(b, a)) WITHOUT ROWID;"
                  "INSERT INTO mn VALUES(1, 2)");
}
DAMAGE("more", "an FTS5 table without its configuration", failed, damaged, "check integrity") {
  return with_sql(folder, std::string(one_row) +
                              "CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES('x');"
                              "DROP TABLE f_config");
}
DAMAGE("more", "an FTS4 table without its content", failed, damaged, "check integrity") {
  return with_sql(folder, std::string(one_row) +
                              "CREATE VIRTUAL TABLE f USING fts4(a); INSERT INTO f VALUES('x');"
                              "DROP TABLE f_content");
}
DAMAGE("more", "an R-tree without its nodes", failed, damaged, "check integrity") {
  return with_sql(folder, std::string(one_row) +
                              "CREATE VIRTUAL TABLE f USING rtree(i, a, b);"
                              "INSERT INTO f VALUES(1, 2, 3); DROP TABLE f_node");
}
DAMAGE("more", "an R-tree whose nodes do not fit its rows", failed, damaged, "check integrity") {
  return with_sql(folder, std::string(one_row) +
                              "CREATE VIRTUAL TABLE f USING rtree(i, a, b);"
                              "INSERT INTO f VALUES(1, 2, 3), (2, 3, 4); DELETE FROM f_rowid");
}
DAMAGE("more", "nothing: full-text tables that keep no content", passed, none, "") {
  return with_sql(folder, std::string(one_row) +
                              "CREATE VIRTUAL TABLE f USING fts4(content=\"\", a);"
                              "CREATE VIRTUAL TABLE g USING fts5(a, content='', columnsize=0);"
                              "INSERT INTO f(docid, a) VALUES(1, 'x');"
                              "INSERT INTO g(rowid, a) VALUES(1, 'x')");
}
DAMAGE("F29", "only empty tables, one of them FTS5", failed, check_failed, "check row_count") {
  return with_sql(folder, "CREATE TABLE t(a); CREATE VIRTUAL TABLE f USING fts5(a)");
}
DAMAGE("F29", "only empty tables, one of them an R-tree", failed, check_failed, "check row_count") {
  return with_sql(folder, "CREATE TABLE t(a); CREATE VIRTUAL TABLE f USING rtree(i, a, b)");
}
DAMAGE("more", "a foreign key to a key under another collation", failed, check_failed,
       "check foreign_keys") {
  return with_sql(folder,
                  "CREATE TABLE p(a TEXT); CREATE UNIQUE INDEX pi ON p(a COLLATE NOCASE);"
                  "CREATE TABLE c(x TEXT REFERENCES p(a));"
                  "CREATE INDEX ci ON c(x COLLATE NOCASE);"
                  "INSERT INTO p VALUES('A'); INSERT INTO c VALUES('A')");
}
DAMAGE("more", "a foreign key to the same column twice", failed, check_failed,
       "check foreign_keys") {
  return with_sql(folder,
                  "CREATE TABLE p(a INT, b INT, UNIQUE(a, b)); CREATE TABLE c(x INT, y INT,"
                  " FOREIGN KEY(x, y) REFERENCES p(a, a)); CREATE INDEX ci ON c(x, y);"
                  "INSERT INTO p VALUES(1, 1); INSERT INTO c VALUES(1, 1)");
}

TEST_CASE("a virtual table whose module is not here is named as not examined") {
  const Folder folder;
  const Run run = verified(with_sql(
      folder, std::string(one_row) +
                  "PRAGMA writable_schema=ON; INSERT INTO sqlite_schema VALUES('table', 'f', 'f',"
                  " 0, 'CREATE VIRTUAL TABLE f USING nowhere(a)')"));
  CHECK(run.verdict == Verdict::passed);
  CHECK(std::ranges::any_of(run.checks, [](const CheckResult& check) {
    return check.detail.find("not examined: counting f") != std::string::npos;
  }));
}

TEST_CASE("names of a megabyte are cut and kept apart") {
  const Folder folder;
  const std::string name(1'000'000, 'n');
  const Run run =
      verified(with_sql(folder, "CREATE TABLE \"" + name + "1\"(a); CREATE TABLE \"" + name +
                                    "2\"(a); INSERT INTO \"" + name + "1\" VALUES(1)"));
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.tables.size() == 2);
  CHECK(run.tables[0].table.size() < 400);
  CHECK(run.tables[0].table != run.tables[1].table);
}

TEST_CASE("a schema that fills half of the memory for SQLite is examined with fewer threads") {
#ifdef BACKPROOF_SANITIZED
  constexpr int tables = 600;  // in thirty times the time: memory is filled in the other builds
#else
  constexpr int tables = 1500;
#endif
  const Folder folder;
  std::string columns;
  for (int i = 0; i < 300; ++i) columns += ", column_" + std::to_string(i) + " TEXT DEFAULT ''";
  std::string sql = "PRAGMA synchronous=OFF; BEGIN;";
  for (int i = 0; i < tables; ++i)
    sql += "CREATE TABLE t" + std::to_string(i) + "(id INTEGER PRIMARY KEY" + columns + ");";
  const Run run = verified(with_sql(folder, sql + "INSERT INTO t0(id) VALUES(1); COMMIT"));
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.tables.size() == tables);
}
