// SPDX-License-Identifier: Apache-2.0
// The description of a schema is the same after a dump and a restore, and another one after any
// change to it. So is what is said of sequences and large objects.
#include "base/text.h"
#include "db/content.h"
#include "db/pg_database.h"
#include "db/sqlite_database.h"
#include "support/pg.h"
#include "support/sqlite_zoo.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const RunContext context{system_clock(), [](auto, auto) {}};

struct Described {
  std::vector<std::string> schema;
  Content content;
};

Described describe(Database& database) {
  const Asker ask = [&](const Question& question) { return database.ask(question, context); };
  const auto schema = read_schema(database.dialect(), ask);
  const auto content = read_content(database.dialect(), ask);
  if (!schema) FAIL(schema.error().str());
  if (!content) FAIL(content.error().str());
  return {*schema, *content};
}

Described describe_pg(const PgTestServer& server, const std::string& name) {
  const auto database = open_pg_database(server.conninfo(name), {{name, {}, {}}}, {});
  REQUIRE(database);
  return describe(**database);
}

constexpr const char* everything =
    "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN age AS int CHECK (VALUE > 0);"
    "CREATE TABLE t (id serial PRIMARY KEY, m mood DEFAULT 'good', a age, v varchar(9) CHECK (v IN "
    "('x', 'y')), b int NOT NULL, s text COLLATE \"C\"); CREATE INDEX t_b ON t (b) WHERE b > 0;"
    "CREATE TABLE child (t int REFERENCES t, n int GENERATED ALWAYS AS IDENTITY);"
    "CREATE VIEW seen AS SELECT id, v FROM t WHERE v = 'x';"
    "CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';"
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
    "CREATE TRIGGER note BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION noted();"
    "CREATE RULE none AS ON DELETE TO child DO INSTEAD NOTHING;"
    "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON t USING (b = 1);"
    "CREATE TABLE part (k int) PARTITION BY RANGE (k);"
    "CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (9);"
    "CREATE STATISTICS st ON a, b FROM t; CREATE SEQUENCE counter START 5;"
    "SELECT lo_from_bytea(4711, 'x'), lo_from_bytea(4712, '');";

// Statements, and what the first line of the difference begins with.
const std::vector<std::pair<std::string, std::string>> changes{
    {"DROP TABLE child", "- column public.child.n"},
    {"CREATE TABLE more (a int)", "+ column public.more.a integer"},
    {"ALTER TABLE t DROP COLUMN s", "- column public.t.s"},
    {"ALTER TABLE t ALTER b DROP NOT NULL", "- column public.t.b integer not null"},
    {"ALTER TABLE t ALTER a TYPE bigint", "- column public.t.a"},
    {"ALTER TABLE t ALTER m SET DEFAULT 'bad'", "- column public.t.m public.mood default 'good'"},
    {"ALTER TABLE t ALTER s TYPE text COLLATE \"POSIX\"", "- column public.t.s text collate C"},
    {"ALTER TABLE child ALTER n DROP IDENTITY", "- column public.child.n"},
    {"ALTER TABLE child DROP CONSTRAINT child_t_fkey", "- constraint public.child.child_t_fkey"},
    {"ALTER TABLE t DROP CONSTRAINT t_v_check", "- constraint public.t.t_v_check"},
    {"DROP INDEX t_b", "- index public.t_b"},
    {"DROP INDEX t_b; CREATE INDEX t_b ON t (b)", "+ index public.t_b"},
    {"CREATE OR REPLACE VIEW seen AS SELECT id, v FROM t WHERE v = 'y'", "- view public.seen"},
    {"CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 3 * $1'",
     "function public.twice"},
    {"DROP TRIGGER note ON t", "- trigger public.t.note"},
    {"ALTER TABLE t DISABLE TRIGGER note", "trigger public.t.note"},
    {"DROP RULE none ON child", "- rule public.child.none"},
    {"DROP POLICY own ON t", "- policy public.t.own"},
    {"ALTER TABLE t DISABLE ROW LEVEL SECURITY", "table public.t"},
    {"ALTER TABLE part DETACH PARTITION part_1", "table public.part_1"},
    {"ALTER TYPE mood ADD VALUE 'fair'", "enum public.mood"},
    {"ALTER DOMAIN age DROP CONSTRAINT age_check", "domain public.age"},
    {"DROP STATISTICS st", "- statistics public.st"},
    {"ALTER SEQUENCE counter INCREMENT 2", "sequence public.counter"},
    {"CREATE SCHEMA s", "+ schema s"},
    {"COMMENT ON TABLE t IS 'other'", "+ comment on table public.t: other"},
    {"COMMENT ON COLUMN t.b IS 'what'", "+ comment on table column public.t.b: what"},
    {"ALTER FUNCTION twice(int) IMMUTABLE", "language sql immutable"},
    {"ALTER FUNCTION twice(int) STRICT SET work_mem = '1MB'", "language sql strict set work_mem"},
    {"ALTER TABLE t SET (fillfactor = 50)", "table public.t with row level security with fillfac"},
    {"ALTER VIEW seen SET (security_barrier = true)", "view public.seen with security_barrier"},
    {"ALTER TABLE t FORCE ROW LEVEL SECURITY", "table public.t with row level security forced"},
    {"ALTER TABLE child REPLICA IDENTITY FULL", "table public.child replica identity f"},
    {"ALTER SEQUENCE counter CACHE 9", "sequence public.counter bigint start 5"},
    {"ALTER SEQUENCE counter OWNED BY t.b", "owned by public.t.b"},
    {"ALTER POLICY own ON t TO postgres", "policy public.t.own for * to postgres"},
    {"CREATE PUBLICATION p FOR TABLE t", "+ publication p"},
    {"CREATE CAST (mood AS int) WITH INOUT", "+ cast (public.mood AS integer)"},
};

}  // namespace

TEST_CASE("a dump and a restore leave the description of a PostgreSQL database as it is") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_globals();
  for (const std::string& name : pg_databases()) {
    if (name == "bench") continue;
    INFO(name);
    const std::string options = name == "ascii"    ? "ENCODING 'SQL_ASCII' LOCALE 'C'"
                                : name == "latin1" ? "ENCODING 'LATIN1' LOCALE 'C'"
                                                   : "";
    server.make_database("first_" + name, options);
    server.load("first_" + name, pg_dump_file(name, "plain.sql"), true);
    const Folder folder;
    server.dump_to(folder / "again.sql", "first_" + name);
    server.make_database("again_" + name, options);
    server.load("again_" + name, folder / "again.sql", true);
    const Described first = describe_pg(server, "first_" + name);
    const Described again = describe_pg(server, "again_" + name);
    CHECK_FALSE(first.schema.empty());
    CHECK(schema_difference(first.schema, again.schema) == std::vector<std::string>{});
    CHECK(first.content.sequences == again.content.sequences);
    CHECK(first.content.large_objects == again.content.large_objects);
    CHECK(first.content.large_objects_digest == again.content.large_objects_digest);
  }
}

TEST_CASE("every change to a PostgreSQL schema is in its description") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("good");
  server.psql("good", everything);
  const Described good = describe_pg(server, "good");
  CHECK(good.content.large_objects == 2);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::string name = "changed_" + std::to_string(i);
    server.psql("postgres", "CREATE DATABASE " + name + " TEMPLATE good");
    server.psql(name, changes[i].first);
    const auto lines = schema_difference(good.schema, describe_pg(server, name).schema);
    INFO(changes[i].first);
    REQUIRE_FALSE(lines.empty());
    INFO(text::join(lines, "\n"));
    const bool told = std::ranges::any_of(lines, [&](const std::string& line) {
      return line.find(changes[i].second) != std::string::npos;
    });
    CHECK(told);
  }
}

TEST_CASE("the next value of each sequence and the content of large objects are told") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("good");
  server.psql("good", everything);
  const Described good = describe_pg(server, "good");
  const auto next = [](const Described& described, const std::string& name) {
    for (const SequenceFact& fact : described.content.sequences)
      if (fact.name == name) return fact.next;
    return std::string("none");
  };
  CHECK(next(good, "counter") == "5");
  server.psql("good", "SELECT nextval('counter')");
  CHECK(next(describe_pg(server, "good"), "counter") == "6");
  server.psql("good", "SELECT setval('counter', 6, false)");
  CHECK(next(describe_pg(server, "good"), "counter") == "6");
  server.psql("good", "SELECT lo_put(4711, 0, 'y')");
  const Described other = describe_pg(server, "good");
  CHECK(other.content.large_objects == good.content.large_objects);
  CHECK(other.content.large_objects_digest != good.content.large_objects_digest);
  // Larger than a value may be read at once: 33 MiB in three pieces.
  server.psql("good", "SELECT lo_put(4711, 34603008, 'end')");
  const Described large = describe_pg(server, "good");
  CHECK(large.content.large_objects_digest != other.content.large_objects_digest);
}

TEST_CASE("a SQLite schema, its sequences and what changes in them are told") {
  const Folder folder;
  const auto described = [&](const std::string& sql) {
    static int files = 0;
    const Path file = folder / std::to_string(++files);
    run_sql(file, sql);
    const auto database = open_sqlite_database(file, {});
    REQUIRE(database);
    return describe(**database);
  };
  const std::string good =
      "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT\n  NOT NULL);"
      "INSERT INTO a (b) VALUES ('x'), ('y'); CREATE INDEX a_b ON a (b);"
      "CREATE VIEW v AS SELECT b FROM a; CREATE TABLE c (d UNIQUE);";
  const Described whole = described(good);
  CHECK(whole.content.sequences == std::vector<SequenceFact>{{"", "a", "3"}});
  CHECK(std::ranges::find(whole.schema,
                          "table a CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b TEXT "
                          "NOT NULL)") != whole.schema.end());
  for (const char* change :
       {"DROP INDEX a_b", "DROP VIEW v", "ALTER TABLE a ADD COLUMN n", "CREATE TABLE more (a)",
        "CREATE TRIGGER t AFTER INSERT ON c BEGIN DELETE FROM c; END"}) {
    INFO(change);
    CHECK_FALSE(schema_difference(whole.schema, described(good + change).schema).empty());
  }
  // Blanks between words mean nothing; those in a text, and the end of a comment, do.
  const auto view = [&](const std::string& sql) { return described("CREATE VIEW v AS " + sql); };
  CHECK(view("SELECT  'x  y',\n 1").schema == view("SELECT 'x  y', 1").schema);
  CHECK(view("SELECT 'x  y'").schema != view("SELECT 'x y'").schema);
  CHECK(view("SELECT 1 --'\n, 2").schema != view("SELECT 1 --', 2").schema);
  CHECK(view("SELECT 1 /* ' */,  2").schema == view("SELECT 1 /* ' */, 2").schema);
  CHECK(described(good + "INSERT INTO a (b) VALUES ('z')").content.sequences !=
        whole.content.sequences);
}
