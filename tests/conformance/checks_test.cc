// SPDX-License-Identifier: Apache-2.0
// One suite for every check, on both databases: it passes a good one, fails on exactly the damage
// that it is there for, and takes trouble of its own for no verdict on the backup.
#include <map>

#include "db/pg_database.h"
#include "db/sqlite_database.h"
#include "runner/plan.h"
#include "support/config.h"
#include "support/pg.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// What both databases understand. The backup is made at noon.
constexpr const char* schema =
    "CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT, created_at TIMESTAMP);"
    "CREATE TABLE talks(id INTEGER PRIMARY KEY, user_id INTEGER, area INTEGER, title TEXT);"
    "INSERT INTO users VALUES (1, 'a@example.org', '2026-11-20 11:00:00'),"
    "(2, 'b@example.org', '2026-11-20 11:59:00'), (3, NULL, NULL), (4, NULL, NULL);"
    "INSERT INTO talks VALUES (1, 1, 7, 'x'), (2, 2, 7, 'y'), (3, NULL, 7, 'z');";

struct Case {
  std::string options;  // of the check, as in the configuration
  std::string damage;   // SQL; empty: the check does not even pass the good one
  Cause cause = Cause::check_failed;
};

const std::vector<Case> for_both{
    {"kind = \"not_null\", table = \"talks\", columns = [\"title\", \"area\"]",
     "UPDATE talks SET title = NULL WHERE id = 2"},
    {"kind = \"not_null\", table = \"talks\", columns = [\"area\"]",
     "ALTER TABLE talks DROP COLUMN area", Cause::incomplete},
    {"kind = \"not_null\", table = \"talks\", columns = [\"area\"]", "DROP TABLE talks",
     Cause::incomplete},
    {"kind = \"unique\", table = \"users\", columns = [\"email\"]",
     "UPDATE users SET email = 'a@example.org' WHERE id = 2"},
    {"kind = \"unique\", table = \"talks\", columns = [\"user_id\", \"area\"]",
     "INSERT INTO talks VALUES (9, 1, 7, 'again')"},
    {"kind = \"foreign_keys\", table = \"talks\", columns = [\"user_id\"], references = \"users\", "
     "referenced_columns = [\"id\"]",
     "DELETE FROM users WHERE id = 2"},
    {"kind = \"foreign_keys\", table = \"talks\", columns = [\"user_id\"], references = \"users\", "
     "referenced_columns = [\"id\"]",
     "DROP TABLE users", Cause::incomplete},
    {"kind = \"freshness\", table = \"users\", within = \"30m\"", "DELETE FROM users WHERE id = 2"},
    {"kind = \"freshness\", table = \"users\", columns = [\"created_at\"], within = \"30m\"",
     "UPDATE users SET created_at = NULL"},
    // What lies in the future says nothing of how fresh the rest is.
    {"kind = \"freshness\", table = \"users\", within = \"30m\"",
     "UPDATE users SET created_at = '2030-01-01 00:00:00' WHERE id = 2"},
    {"kind = \"sql\", query = \"SELECT count(*) FROM users\", expect = 4",
     "DELETE FROM users WHERE id = 4"},
    {"kind = \"sql\", query = \"SELECT count(*) FROM users\", min = 3, max = 4",
     "DELETE FROM users WHERE id > 2"},
    {"kind = \"sql\", query = \"SELECT count(*) FROM users\", max = 4",
     "INSERT INTO users VALUES (5, 'c', NULL)"},
    {"kind = \"sql\", query = \"SELECT title FROM talks WHERE id = 1\", expect = \"x\"",
     "UPDATE talks SET title = 'q' WHERE id = 1"},
    {"kind = \"sql\", query = \"SELECT id, title FROM talks ORDER BY id\", rows = [[1, \"x\"], [2, "
     "\"y\"], [3, \"z\"]]",
     "DELETE FROM talks WHERE id = 3"},
    {"kind = \"sql\", query = \"SELECT id, title FROM talks ORDER BY id\", rows = [[1, \"x\"], [2, "
     "\"y\"], [3, \"z\"]]",
     "INSERT INTO talks VALUES (4, 1, 9, 'w')"},
    // Sums are not always written as whole numbers.
    {"kind = \"sql\", query = \"SELECT 1.0 * count(*) FROM users\", expect = 4",
     "DELETE FROM users WHERE id = 4"},
    {"kind = \"sql\", query = \"SELECT 0.50 * count(*) FROM users\", min = 2, max = 3",
     "DELETE FROM users WHERE id = 4"},
    {"kind = \"sql\", query = \"SELECT 1.0 * count(*) FROM users\", rows = [[4]]",
     "DELETE FROM users WHERE id = 4"},
    {"kind = \"sql\", query = \"SELECT count(*) > 3 FROM users\", expect = true",
     "DELETE FROM users WHERE id > 1"},
    {"kind = \"canary\", table = \"talks\", key_column = \"id\", key = \"2\", value_column = "
     "\"title\", value = \"y\"",
     "UPDATE talks SET title = 'q' WHERE id = 2"},
    {"kind = \"canary\", table = \"talks\", key_column = \"id\", key = \"2\", value_column = "
     "\"title\", value = \"y\"",
     "DELETE FROM talks WHERE id = 2"},
    {"kind = \"row_count\", table = \"talks\", min = 3", "DELETE FROM talks WHERE id = 2"},
    {"kind = \"row_count\", table = \"talks\", exact = 3",
     "INSERT INTO talks VALUES (4, 1, 9, 'w')"},
    {"kind = \"row_count\", pattern = \"t*\", min = 3", "DELETE FROM talks WHERE id = 2"},
    {"kind = \"row_count\", pattern = \"talk?\", exact = 3", "DROP TABLE talks", Cause::incomplete},
    {"kind = \"row_count\", max = 100",
     "INSERT INTO users WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < "
     "220) SELECT i, NULL, NULL FROM n"},
    {"kind = \"tables\", contains = [\"talks\"]", "DROP TABLE talks", Cause::incomplete},
};

const std::vector<Case> for_postgresql{
    // A partitioned table is one, whose rows are those of its partitions.
    {"kind = \"tables\", contains = [\"parts\"]", "DROP TABLE parts", Cause::incomplete},
    {"kind = \"row_count\", table = \"parts\", exact = 3", "DELETE FROM parts WHERE k = 1"},
    {"kind = \"row_count\", table = \"public.parts\", min = 1", "DROP TABLE parts",
     Cause::incomplete},
    {"kind = \"tables\", exactly = [\"public.users\", \"talks\", \"made\", \"falling\", "
     "\"parts_1\", \"parts_2\"]",
     "CREATE TABLE extra(a int)"},
    {"kind = \"tables\", exactly = [\"public.users\", \"talks\", \"made\", \"falling\", "
     "\"parts_1\", \"parts_2\"]",
     "DROP TABLE falling", Cause::incomplete},
    {"kind = \"sequences\"", "SELECT setval('made_id_seq', 1, true)"},
    {"kind = \"sequences\"", "SELECT setval('made_id_seq', 2, true)"},
    {"kind = \"sequences\"", "INSERT INTO falling VALUES (-90)"},
    {"kind = \"grants\", role = \"app\", tables = [\"users\"], may = [\"select\", \"insert\"]",
     "REVOKE INSERT ON users FROM app"},
    {"kind = \"grants\", role = \"app\", tables = [\"users\"], may = [\"select\"]",
     "REVOKE USAGE ON SCHEMA public FROM app, public"},
    {"kind = \"grants\", role = \"app\", tables = [\"users\"], may = [\"select\"]",
     "DROP TABLE users", Cause::incomplete},
    {"kind = \"extensions\", contains = [\"plpgsql\"]", "DROP EXTENSION plpgsql",
     Cause::incomplete},
    {"kind = \"large_objects\", min = 2", "SELECT lo_unlink(4711)"},
    {"kind = \"not_null\", table = \"public.talks\", columns = [\"title\"]",
     "UPDATE public.talks SET title = NULL"},
};
constexpr const char* more_of_postgresql =
    "CREATE TABLE made(id serial PRIMARY KEY); INSERT INTO made SELECT 3;"
    "SELECT setval('made_id_seq', 3, true);"
    "CREATE SEQUENCE down INCREMENT -1; CREATE TABLE falling(id int DEFAULT nextval('down'));"
    "INSERT INTO falling VALUES (-1); SELECT setval('down', -1, true);"
    "CREATE TABLE parts(k int) PARTITION BY LIST (k);"
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);"
    "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);"
    "INSERT INTO parts VALUES (1), (2), (2);"
    "GRANT SELECT, INSERT ON users TO app; GRANT USAGE ON SCHEMA public TO app;"
    "SELECT lo_create(4711), lo_create(4712);";

const std::vector<Case> for_sqlite{
    {"kind = \"sequences\"", "UPDATE sqlite_sequence SET seq = 1"},
    {"kind = \"freshness\", table = \"made\", columns = [\"seconds\"], within = \"30m\"",
     "UPDATE made SET seconds = seconds - 7200"},
    {"kind = \"freshness\", table = \"made\", columns = [\"millis\"], within = \"30m\"",
     "UPDATE made SET millis = millis - 7200000"},
    {"kind = \"freshness\", table = \"made\", columns = [\"julian\"], within = \"30m\"",
     "UPDATE made SET julian = julian - 1"},
    // Letter case of SQLite's names does not matter.
    {"kind = \"not_null\", table = \"TALKS\", columns = [\"title\"]",
     "UPDATE talks SET title = NULL"},
    {"kind = \"not_null\", table = \"main.talks\", columns = [\"TITLE\"]",
     "UPDATE talks SET title = NULL"},
    {"kind = \"tables\", exactly = [\"Users\", \"TALKS\", \"main.Made\"]",
     "CREATE TABLE extra(a INT)"},
};
constexpr const char* more_of_sqlite =
    "CREATE TABLE made(id INTEGER PRIMARY KEY AUTOINCREMENT, seconds INT, millis INT, julian REAL);"
    "INSERT INTO made VALUES (3, unixepoch('2026-11-20 11:59:00'), "
    "1000 * unixepoch('2026-11-20 11:59:00'), julianday('2026-11-20 11:59:00'));";

// Inconclusive whatever the database holds.
const std::vector<std::string> troubles_of_both{
    "kind = \"sql\", query = \"SELECT nothing FROM nowhere\", expect = 1",
    "kind = \"sql\", query = \"SELECT 1; SELECT 2\", expect = 1",
    "kind = \"sql\", query = \"DELETE FROM users\", expect = 1",
    "kind = \"sql\", query = \"SELECT id FROM users\", expect = 1",
    "kind = \"sql\", query = \"SELECT id, email FROM users WHERE id = 1\", expect = 1",
    "kind = \"sql\", query = \"SELECT id FROM users WHERE id = 99\", expect = 1",
    "kind = \"sql\", query = \"\", expect = 1",
    "kind = \"sql\", timeout = \"100ms\", query = \"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
    "SELECT i + 1 FROM n) SELECT count(*) FROM n\", expect = 1",
    "kind = \"freshness\", table = \"talks\", within = \"1h\"",
};

using Results = std::vector<CheckResult>;

// The check as it is configured, beside those that run anyway.
Plan planned(const std::string& options, Problems& problems) {
  ParsedConfig parsed = parse(with_target("check = [{ " + options + " }]"));
  problems = parsed.problems;
  if (!problems.empty()) return {};
  Target target = parsed.config.targets.front();
  target.source = {};
  return make_plan(target, problems);
}

Results ask(Database& database, const std::string& options) {
  Problems problems;
  const Plan plan = planned(options, problems);
  INFO(shown(problems));
  REQUIRE(problems.empty());
  const std::string kind = options.substr(8, options.find('"', 8) - 8);
  Run run;
  run.backup.created = at("2026-11-20T12:00:00Z");
  const Memory memory;
  const RunContext context{system_clock(), [](auto, auto) {}};
  Results results;
  for (const PlannedCheck& planned : plan.checks)
    if (planned.kind->name == kind)
      for (CheckResult& result : planned.check->run({database, run, memory}, context))
        results.push_back(std::move(result));
  REQUIRE_FALSE(results.empty());
  return results;
}

std::string told(const Results& results) {
  std::string text;
  for (const CheckResult& result : results)
    text += std::string(name_of(result.verdict)) + " " + std::string(name_of(result.cause)) + ": " +
            result.subject + ", observed " + result.observed + ", expected " + result.expected +
            " (" + result.detail + ")\n";
  return text;
}

using Opened = std::function<std::unique_ptr<Database>(const std::string& sql)>;

void demand(const std::vector<Case>& cases, const std::string& good, const Opened& open) {
  const auto whole = open(good);
  for (const Case& c : cases) {
    INFO(c.options << "\n" << c.damage);
    const Results before = ask(*whole, c.options);
    INFO(told(before));
    for (const CheckResult& result : before) CHECK(result.verdict == Verdict::passed);
    const auto damaged = open(good + c.damage + ";");
    const Results after = ask(*damaged, c.options);
    INFO(told(after));
    CHECK(std::ranges::any_of(after, [&](const CheckResult& result) {
      return result.verdict == Verdict::failed && result.cause == c.cause;
    }));
    CHECK(std::ranges::none_of(
        after, [&](const CheckResult& result) { return result.verdict == Verdict::inconclusive; }));
    // No value of a row is told.
    CHECK(told(after).find("example.org") == std::string::npos);
  }
}

void demand_no_verdict(const std::vector<std::string>& troubles, Database& database) {
  for (const std::string& options : troubles) {
    INFO(options);
    const Results results = ask(database, options);
    INFO(told(results));
    for (const CheckResult& result : results) CHECK(result.verdict == Verdict::inconclusive);
  }
}

}  // namespace

TEST_CASE("every check passes a good SQLite database and fails on what it looks for") {
  const Folder folder;
  int files = 0;
  const Opened open = [&](const std::string& sql) {
    const Path file = folder / ("database-" + std::to_string(++files));
    run_sql(file, sql);
    auto database = open_sqlite_database(file, {});
    REQUIRE(database);
    return *std::move(database);
  };
  const std::string good = std::string(schema) + more_of_sqlite;
  demand(for_both, good, open);
  demand(for_sqlite, good, open);
  const auto database = open(good);
  demand_no_verdict(troubles_of_both, *database);
  for (const Case& c : for_postgresql)
    for (const char* kind : {"grants", "extensions", "large_objects"})
      if (has(c.options, kind)) demand_no_verdict({c.options}, *database);
}

TEST_CASE("every check passes a good PostgreSQL database and fails on what it looks for") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.psql("postgres", "CREATE ROLE app");
  int databases = 0;
  const Opened open = [&](const std::string& sql) {
    const std::string name = "d" + std::to_string(++databases);
    server.make_database(name);
    server.psql(name, sql);
    auto database = open_pg_database(server.conninfo(name), {{name, {}, {}}}, {});
    REQUIRE(database);
    return *std::move(database);
  };
  const std::string good = std::string(schema) + more_of_postgresql;
  demand(for_both, good, open);
  demand(for_postgresql, good, open);
  const auto database = open(good);
  demand_no_verdict(troubles_of_both, *database);
  demand_no_verdict({"kind = \"not_null\", table = \"twice\", columns = [\"a\"]"},
                    *open(good + "CREATE SCHEMA s; CREATE TABLE twice(a int);"
                                 "CREATE TABLE s.twice(a int);"));
  server.psql("postgres", "SELECT 1");
}

TEST_CASE("every kind of check is in this suite") {
  std::string all;
  for (const auto* cases : {&for_both, &for_postgresql, &for_sqlite})
    for (const Case& c : *cases) all += c.options + "\n";
  // Those that run on every target are shown by the tests of engines and faults, those that compare
  // with a file by the tests of the program.
  for (const CheckKind* kind : all_checks()) {
    INFO(kind->name);
    const bool elsewhere = kind->name == "integrity" || kind->name == "amcheck" ||
                           kind->name == "drift" || kind->name == "manifest" ||
                           kind->name == "schema";
    CHECK((elsewhere || all.find("\"" + std::string(kind->name) + "\"") != std::string::npos));
  }
}

TEST_CASE("options of checks that could never fail or are incomplete are refused") {
  for (const auto& [options, said] : std::map<std::string, std::string>{
           {"kind = \"sql\", query = \"SELECT 1\"",
            "a query without an expectation proves nothing"},
           {"kind = \"sql\", query = \"SELECT 1\", expect = 1, max = 3",
            "more than one expectation"},
           {"kind = \"sql\", query = \"SELECT 1\", min = 3, max = 1", "max is less than min"},
           {"kind = \"sql\", expect = 1", "missing key \"query\""},
           {"kind = \"not_null\", table = \"t\"", "no column to look at"},
           {"kind = \"unique\", columns = [\"a\"]", "missing key \"table\""},
           {"kind = \"not_null\", table = \"\", columns = [\"a\"]", "names no table"},
           {"kind = \"row_count\", table = \"\"", "names no table"},
           {"kind = \"row_count\", pattern = \"\"", "names no table"},
           {"kind = \"row_count\", table = \"t\", max = 0", "min, which is 1 unless given"},
           {"kind = \"freshness\", table = \"t\"", "no limit is given"},
           {"kind = \"foreign_keys\", table = \"t\", columns = [\"a\"]",
            "missing key \"references\""},
           {"kind = \"grants\", role = \"r\", tables = [\"t\"], may = [\"fly\"]",
            "unknown right \"fly\""},
           {"kind = \"extensions\"", "no extension is named"}}) {
    INFO(options);
    Problems problems;
    (void)planned(options, problems);
    INFO(shown(problems));
    CHECK(has(shown(problems), said));
  }
}
