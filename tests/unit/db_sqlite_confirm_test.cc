// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_confirm.h"

#include <algorithm>

#include "db/sqlite_database.h"
#include "support/sqlite_zoo.h"
#include "support/support.h"

namespace backproof::test {
namespace {

SelfCheck examine(const Path& file, const SqliteSettings& settings = {}) {
  const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
  auto database = open_sqlite_database(file, settings);
  REQUIRE(database);
  return (*database)->self_check(quiet);
}

void check_whole(const Path& file) {
  for (const auto integrity :
       {SqliteSettings::Integrity::automatic, SqliteSettings::Integrity::pragma}) {
    SqliteSettings settings;
    settings.integrity = integrity;
    const SelfCheck check = examine(file, settings);
    REQUIRE(check.integrity);
    CHECK(check.integrity->findings.empty());
    CHECK(check.tables);
  }
}

std::string rows(int count) {
  return " WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM k WHERE n<" +
         std::to_string(count) + ") ";
}

constexpr const char* kv = "CREATE TABLE kv(val TEXT NOT NULL, k TEXT PRIMARY KEY) WITHOUT ROWID;";

TEST_CASE("a primary key that is not declared first makes no NULLs") {
  const Folder folder;
  const Path file = folder / "x.db";
  SECTION("a key of all columns in another order") {
    run_sql(file,
            "CREATE TABLE mn(a INT, b INT, PRIMARY KEY(b, a)) WITHOUT ROWID;"
            "INSERT INTO mn VALUES(1, 2)");
  }
  SECTION("a NOT NULL column before the key") {
    run_sql(file, std::string(kv) + "INSERT INTO kv VALUES('v', 'k')");
  }
  SECTION("more rows than SQLite reports") {
    run_sql(file, kv + ("INSERT INTO kv" + rows(25000) + "SELECT 'v'||n, 'k'||n FROM k"));
  }
  SECTION("a STRICT table") {
    run_sql(file,
            "CREATE TABLE s(i INT NOT NULL, r REAL, k TEXT PRIMARY KEY, b BLOB NOT NULL)"
            " STRICT, WITHOUT ROWID; INSERT INTO s" +
                rows(300) + "SELECT n, n / 2.0, 'k'||n, x'00' FROM k");
  }
  SECTION("names with dots, quotes and line breaks") {
    run_sql(file,
            "CREATE TABLE \"a.\"\"\nb\"(\"c.\n'\" NOT NULL, k TEXT PRIMARY KEY)"
            " WITHOUT ROWID; INSERT INTO \"a.\"\"\nb\" VALUES(1, 2)");
  }
  check_whole(file);
}

TEST_CASE("a NULL that is really there is found beside those that are not") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file,
          "CREATE TABLE kv(val TEXT, w INT NOT NULL, k TEXT PRIMARY KEY) WITHOUT ROWID;"
          "INSERT INTO kv" +
              rows(200) +
              "SELECT nullif(n, 7), n, 'k'||n FROM k;"
              "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET"
              " sql=replace(sql, 'val TEXT', 'val TEXT NOT NULL')");
  const SelfCheck check = examine(file);
  REQUIRE(check.integrity);
  REQUIRE_FALSE(check.integrity->findings.empty());
  CHECK(check.integrity->findings.front() == "NULL value in kv.val");
}

TEST_CASE("other damage is found behind thousands of NULLs that do not exist") {
  const Folder folder;
  const Path file = folder / "x.db";
  run_sql(file, kv + ("INSERT INTO kv" + rows(12000) + "SELECT 'v'||n, 'k'||n FROM k;") +
                    "CREATE TABLE z(a INTEGER PRIMARY KEY, b); CREATE INDEX z_b ON z(b);"
                    "INSERT INTO z VALUES(1, 2), (2, 3); PRAGMA writable_schema=ON;"
                    "CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name='z_b';"
                    "DELETE FROM sqlite_schema WHERE name='z_b'; PRAGMA writable_schema=RESET;"
                    "DELETE FROM z WHERE a=1; PRAGMA writable_schema=ON;"
                    "INSERT INTO main.sqlite_schema SELECT * FROM kept;");
  const SelfCheck check = examine(file);
  REQUIRE(check.integrity);
  CHECK(std::ranges::any_of(check.integrity->findings, [](const std::string& finding) {
    return finding.find("index z_b") != std::string::npos;
  }));
  CHECK(std::ranges::none_of(check.integrity->findings, [](const std::string& finding) {
    return finding.starts_with("NULL value");
  }));
}

}  // namespace
}  // namespace backproof::test
