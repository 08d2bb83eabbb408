// SPDX-License-Identifier: Apache-2.0
#include "db/pg_snapshot.h"

#include <algorithm>

#include "db/content.h"
#include "model/run.h"
#include "support/pg.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const auto no_progress = [](std::uintmax_t, std::uintmax_t) {};

PgSnapshot must_open(const PgSource& source) {
  auto snapshot = PgSnapshot::open(source);
  INFO((snapshot ? "" : snapshot.error().str()));
  REQUIRE(snapshot);
  return *std::move(snapshot);
}

std::vector<TableFact> must_know(PgSnapshot& snapshot) {
  auto facts = snapshot.facts({true, at("2030-01-01T00:00:00Z")}, no_progress);
  INFO((facts ? "" : facts.error().str()));
  REQUIRE(facts);
  return *std::move(facts);
}

std::string answer(PgSnapshot& snapshot, const std::string& sql) {
  Question question;
  question.sql = sql;
  const auto rows = snapshot.ask(question);
  if (!rows) return rows.error().str();
  REQUIRE(rows->size() == 1);
  return rows->front().front().value_or("NULL");
}

std::string line(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// What a role that owns a table, or may read all, is told.
Error refused_as(const PgTestServer& server, const std::string& role) {
  auto snapshot = PgSnapshot::open({server.conninfo("d") + " user=" + role, "d", "", 2});
  if (!snapshot) return snapshot.error();
  const auto facts = snapshot->facts({true, {}}, no_progress);
  REQUIRE_FALSE(facts);
  return facts.error();
}

}  // namespace

TEST_CASE("a snapshot of a live database sees nothing of what is committed after it") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", "CREATE TABLE t(i int, at date); INSERT INTO t VALUES (1, '2026-11-25')");
  PgSnapshot snapshot = must_open({server.conninfo("postgres"), "d", "", 2});
  const auto before = must_know(snapshot);
  server.psql("d",
              "INSERT INTO t VALUES (2, '2026-11-26'); UPDATE t SET i = 3 WHERE i = 1;"
              "CREATE TABLE later(i int)");
  CHECK(must_know(snapshot) == before);
  REQUIRE(before.size() == 1);
  CHECK(before[0].rows == 1);
  CHECK(before[0].newest == at("2026-11-25T00:00:00Z"));
  CHECK(answer(snapshot, "SELECT sum(i) FROM public.t") == "1");
  CHECK(server.dump("d", {"--snapshot=" + snapshot.id()}).find("\n1\t2026-11-25\n\\.\n") !=
        std::string::npos);
  // The same moment for who adopts it, of another tool as well; another one for who does not.
  PgSnapshot same = must_open({server.conninfo("d"), "", snapshot.id(), 1});
  CHECK(must_know(same) == before);
  CHECK(server.dump("d", {"--snapshot=" + same.id()}).find("\n1\t2026-11-25\n\\.\n") !=
        std::string::npos);
  PgSnapshot now = must_open({server.conninfo("d"), "d", "", 2});
  CHECK(must_know(now).size() == 2);
  const auto unknown = PgSnapshot::open({server.conninfo("d"), "d", "00000003-0000001B-9", 2});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().cause == Cause::fetch);
  CHECK(unknown.error().text.starts_with("cannot adopt snapshot 00000003-0000001B-9: "));
  CHECK_FALSE(PgSnapshot::open({server.conninfo("d"), "d", "'; DROP TABLE t; --", 2}));
}

TEST_CASE("a snapshot says which database it is of") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d", "ENCODING 'LATIN1' LOCALE 'C'");
  const TimePoint before = system_clock().now();
  const PgSnapshot snapshot = must_open({server.conninfo("postgres"), "d", "", 2});
  CHECK(snapshot.taken() >= before);
  CHECK(snapshot.taken() <= system_clock().now());
  CHECK(snapshot.database() == "d");
  CHECK(snapshot.encoding() == "LATIN1");
  CHECK(snapshot.server_version().starts_with(std::to_string(pg_major()) + "."));
  CHECK(snapshot.server_version().find(' ') == std::string::npos);
  CHECK(snapshot.system_identifier() ==
        line(server.psql("d", "SELECT system_identifier FROM pg_control_system()")));
  server.psql("d",
              "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public; CREATE ROLE app LOGIN");
  const PgSnapshot less = must_open({server.conninfo("d") + " user=app", "d", "", 2});
  CHECK(less.system_identifier().empty());
  server.psql("d", "ALTER ROLE app NOLOGIN");
  const auto refused = PgSnapshot::open({server.conninfo("d") + " user=app", "d", "", 2});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::fetch);
  const auto nowhere = PgSnapshot::open({"host=/nowhere password=secret user=x", "d", "", 2});
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().cause == Cause::fetch);
  CHECK(nowhere.error().str().find("secret") == std::string::npos);
}

TEST_CASE("questions to a snapshot end no transaction and write nothing") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", "CREATE TABLE t(i int); INSERT INTO t VALUES (1), (2); CREATE SEQUENCE s");
  PgSnapshot snapshot = must_open({server.conninfo("d"), "d", "", 2});
  const std::string moment = answer(snapshot, "SELECT now()::text");
  server.psql("d", "INSERT INTO t VALUES (3)");
  Question question;
  question.sql = "SELECT i FROM t";
  CHECK_FALSE(snapshot.ask(question));
  question.is_of_user = true;
  CHECK(snapshot.ask(question).value().size() == 2);
  question.max_rows = 1;
  CHECK(snapshot.ask(question).error().cause == Cause::internal);
  for (const char* sql :
       {"SELECT 1 / 0", "COMMIT", "SELECT 1; COMMIT", "SELECT nextval('public.s')",
        "WITH x AS (DELETE FROM public.t RETURNING i) SELECT i FROM x", "SELECT no_such_column"}) {
    INFO(sql);
    question.sql = sql;
    const auto failed = snapshot.ask(question);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().cause == Cause::internal);
  }
  CHECK(answer(snapshot, "SELECT current_setting('search_path')") == "pg_catalog");
  CHECK(answer(snapshot, "SELECT current_setting('statement_timeout')") == "10min");
  CHECK(answer(snapshot, "SELECT current_setting('application_name')") == "backproof");
  CHECK(answer(snapshot, "SELECT current_setting('transaction_read_only')") == "on");
  CHECK(answer(snapshot, "SELECT count(*) FROM public.t") == "2");
  CHECK(answer(snapshot, "SELECT now()::text") == moment);
  CHECK(must_know(snapshot).at(0).rows == 2);
  const Asker ask = [&snapshot](const Question& asked) { return snapshot.ask(asked); };
  const auto content = read_content(Dialect::postgresql, ask);
  REQUIRE(content);
  CHECK(content->sequences.size() == 1);
  const auto schema = read_schema(Dialect::postgresql, ask);
  REQUIRE(schema);
  CHECK(std::ranges::any_of(*schema, [](const std::string& object) {
    return object.find("public.t") != std::string::npos;
  }));
}

TEST_CASE("tables of a snapshot can be written, and not be dropped") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  std::string many;
  for (int i = 0; i < 1001; ++i) many += "CREATE TABLE t" + std::to_string(i) + "(i int);";
  server.psql("d", many);
  const auto drop = [&](const std::string& table) {
    return server
        .client({"psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", "d"},
                "BEGIN; SET lock_timeout = 1; DROP TABLE " + table + "; ROLLBACK;")
        .ended.ok();
  };
  {
    const PgSnapshot snapshot = must_open({server.conninfo("d"), "d", "", 2});
    for (const char* table : {"t0", "t499", "t500", "t999", "t1000"}) CHECK_FALSE(drop(table));
    server.psql("d", "INSERT INTO t0 VALUES (1)");
  }
  CHECK(drop("t0"));
}

TEST_CASE("rows that row level security hides are an error that names the table") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d",
              "CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE stranger LOGIN;"
              "CREATE SCHEMA s AUTHORIZATION owner; SET ROLE owner; CREATE TABLE s.hidden(i int);"
              "INSERT INTO s.hidden VALUES (1), (2); ALTER TABLE s.hidden ENABLE ROW LEVEL "
              "SECURITY; ALTER TABLE s.hidden FORCE ROW LEVEL SECURITY;"
              "CREATE POLICY p ON s.hidden USING (i = 1); GRANT USAGE ON SCHEMA s TO reader;"
              "GRANT SELECT ON s.hidden TO reader;");
  for (const char* role : {"owner", "reader"}) {
    const Error error = refused_as(server, role);
    INFO(error.str());
    CHECK(error.cause == Cause::fetch);
    CHECK(error.text.starts_with("table s.hidden: not allowed (SQLSTATE 42501)"));
  }
  const Error error = refused_as(server, "stranger");
  CHECK(error.cause == Cause::fetch);
  CHECK(error.text.find("permission denied for schema s") != std::string::npos);
  PgSnapshot all = must_open({server.conninfo("d"), "d", "", 2});
  CHECK(must_know(all).at(0).rows == 2);
}

TEST_CASE("facts of a snapshot are of the tables whose rows a dump brings back") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", R"(
CREATE TABLE a_table(i int); CREATE UNLOGGED TABLE b_unlogged(i int);
CREATE MATERIALIZED VIEW stale AS SELECT count(*) FROM a_table;
CREATE TABLE parent(i int) PARTITION BY RANGE (i);
CREATE TABLE c_part PARTITION OF parent FOR VALUES FROM (0) TO (10);
CREATE TYPE colour AS ENUM ('red'); CREATE TABLE by_enum(c colour) PARTITION BY HASH (c);
CREATE TABLE by_enum_0 PARTITION OF by_enum FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE EXTENSION hstore; CREATE TABLE of_extension(i int); CREATE TABLE d_configuration(i int);
CREATE TABLE in_part(i int);
ALTER EXTENSION hstore ADD TABLE of_extension; ALTER EXTENSION hstore ADD TABLE d_configuration;
ALTER EXTENSION hstore ADD TABLE in_part;
UPDATE pg_extension SET extconfig = ARRAY['d_configuration'::regclass::oid, 'in_part'::regclass],
  extcondition = ARRAY['', 'WHERE i > 5'] WHERE extname = 'hstore';)");
  PgSnapshot snapshot = must_open({server.conninfo("d"), "d", "", 2});
  std::vector<std::string> names;
  for (const TableFact& fact : must_know(snapshot)) names.push_back(full_name(fact));
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"public.a_table", "public.b_unlogged", "public.c_part",
                                          "public.d_configuration"});
}
