// SPDX-License-Identifier: Apache-2.0
#include "db/pg_facts.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/text.h"
#include "db/pg_database.h"
#include "support/pg.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};
TimePoint limit() {
  return at("2026-11-26T12:00:00Z");
}

// The digest as db/row_text.h describes it, of rows that are given as text; by other means.
std::string digest_of(const std::vector<std::string>& rows) {
  __extension__ using Wide = unsigned __int128;
  Wide sum = 0;
  for (const std::string& row : rows) {
    const XXH128_hash_t hash = XXH3_128bits(row.data(), row.size());
    sum += (static_cast<Wide>(hash.high64) << 64U) + hash.low64;
  }
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(sum >> 64U),
                static_cast<unsigned long long>(sum));
  return text;
}

// The facts of all tables, by name.
Result<std::vector<TableFact>> facts_of(const PgTestServer& server, const std::string& database,
                                        const FactsWanted& wanted, std::size_t sessions = 2) {
  PgSettings settings;
  settings.sessions = sessions;
  auto opened = open_pg_database(server.conninfo(database), {{database, {}, {}}}, settings);
  REQUIRE(opened);
  (*opened)->want(wanted);
  auto tables = (*opened)->self_check(quiet).tables;
  if (tables) std::ranges::sort(*tables, {}, &TableFact::table);
  return tables;
}

TableFact only_fact(const PgTestServer& server, const std::string& database,
                    const FactsWanted& wanted) {
  const auto facts = facts_of(server, database, wanted);
  INFO((facts ? "" : facts.error().str()));
  REQUIRE(facts);
  REQUIRE(facts->size() == 1);
  return facts->front();
}

// Some that a role or a database can have, and that change the text of values.
constexpr const char* other_settings =
    "ALTER DATABASE d SET datestyle = 'German, DMY'; ALTER DATABASE d SET timezone = 'Asia/Tokyo';"
    "ALTER DATABASE d SET intervalstyle = 'iso_8601'; ALTER DATABASE d SET bytea_output = 'escape';"
    "ALTER DATABASE d SET extra_float_digits = -10; ALTER DATABASE d SET search_path = public;"
    "ALTER DATABASE d SET quote_all_identifiers = on; ALTER DATABASE d SET xmloption = document;"
    "ALTER DATABASE d SET xmlbinary = hex; ALTER DATABASE d SET client_encoding = LATIN1;"
    "ALTER DATABASE d SET default_transaction_isolation = serializable;";

// So many bytes more than this process has are all that it can get, as long as this lives.
class LittleMemory {
 public:
  explicit LittleMemory(std::uintmax_t more) {
    getrlimit(RLIMIT_AS, &before_);
    std::uintmax_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit less{pages * 4096 + more, before_.rlim_max};
    setrlimit(RLIMIT_AS, &less);
  }
  LittleMemory(const LittleMemory&) = delete;
  LittleMemory& operator=(const LittleMemory&) = delete;
  ~LittleMemory() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("the digest of a table is what its description says") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", other_settings);
  server.psql("d", R"(
CREATE DOMAIN percent AS numeric(5, 2); CREATE TYPE mood AS ENUM ('sad', 'so, so');
CREATE TYPE pair AS (l text, r int);
CREATE TABLE t(z text, gone int, a int, "Ä" text, m money, f8 float8, f4 float4, b bytea,
  ts timestamptz, i interval, arr text[], j jsonb, n percent, d date, mo mood, p pair, r int4range,
  c "char", reg regclass, twice int GENERATED ALWAYS AS (a * 2) STORED, "B" bool, x xml);
ALTER TABLE t DROP gone;
INSERT INTO t VALUES (E'tab\tnewline\ncr\rback\\slash\bbs\fff\x0bvt', 1, 'ü€', 1234.5,
  0.1::float8 + 0.2::float8, 0.1, '\xDEADBEEF00', '2026-01-02 03:04:05.6+02',
  '1 year 2 mons -3 days 04:05:06.7', ARRAY['x', 'y,"z"', NULL, ''], '{"b": 1, "a": [1, "\t"]}', 5,
  '2026-01-02', 'so, so', ('it''s (a)', NULL), '[1,5)', 'q', 't', DEFAULT, true, '<a>b</a>');
INSERT INTO t SELECT FROM generate_series(1, 2);
INSERT INTO t(a, f8, f4, i, ts, d, z) VALUES (-5, '-Infinity', 'NaN', '-1 sec', 'infinity',
  '0044-03-15 BC', '\N');)");
  // B, a, arr, b, c, d, f4, f8, i, j, m, mo, n, p, r, reg, ts, twice, x, z, Ä
  const std::string first =
      "t\t1\t{x,\"y,\\\\\"z\\\\\"\",NULL,\"\"}\t\\\\xdeadbeef00\tq\t2026-01-02\t0.1\t"
      "0.30000000000000004\t1 year 2 mons -3 days +04:05:06.7\t{\"a\": [1, \"\\\\t\"], \"b\": 1}\t"
      "$1,234.50\tso, so\t5.00\t(\"it's (a)\",)\t[1,5)\tpublic.t\t2026-01-02 01:04:05.6+00\t2\t"
      "<a>b</a>\ttab\\tnewline\\ncr\\rback\\\\slash\\bbs\\fff\\vvt\tü€";
  std::string empty = "\\N";
  for (int i = 0; i < 20; ++i) empty += "\t\\N";
  const std::string odd =
      "\\N\t-5\t\\N\t\\N\t\\N\t0044-03-15 BC\tNaN\t-Infinity\t-00:00:01\t\\N\t\\N\t\\N\t\\N\t\\N\t"
      "\\N\t\\N\tinfinity\t-10\t\\N\t\\\\N\t\\N";
  const TableFact fact = only_fact(server, "d", {true, {}});
  CHECK(fact.digest == digest_of({first, empty, empty, odd}));
  CHECK(fact.rows == 4);
  CHECK(fact.newest == TimePoint{});
  CHECK(std::to_string(fact.bytes) + "\n" == server.psql("d", "SELECT pg_table_size('t')"));
  CHECK(only_fact(server, "d", {}).digest.empty());
  // One byte, and one row of two that are the same.
  server.psql("d", "UPDATE t SET z = 'tac' || substr(z, 4) WHERE a = 1");
  CHECK(only_fact(server, "d", {true, {}}).digest != fact.digest);
  server.psql("d", "UPDATE t SET z = 'tab' || substr(z, 4) WHERE a = 1");
  CHECK(only_fact(server, "d", {true, {}}).digest == fact.digest);
  server.psql("d", "DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE a IS NULL)");
  CHECK(only_fact(server, "d", {true, {}}).digest == digest_of({first, empty, odd}));
}

TEST_CASE("tables without columns or rows have digests, foreign tables and views have none") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", R"(
CREATE TABLE a_narrow(); INSERT INTO a_narrow SELECT FROM generate_series(1, 3);
CREATE TABLE b_empty(i int);
CREATE TABLE c_parent(i int, t text) PARTITION BY LIST (i);
CREATE TABLE c_part(t text, i int); ALTER TABLE c_parent ATTACH PARTITION c_part FOR VALUES IN (1);
INSERT INTO c_parent VALUES (1, 'x');
CREATE TABLE d_over(i int); CREATE TABLE d_under() INHERITS (d_over);
INSERT INTO d_over VALUES (1); INSERT INTO d_under VALUES (2);
CREATE MATERIALIZED VIEW e_stored AS SELECT 7 AS n; CREATE VIEW view AS SELECT 1 AS n;
CREATE MATERIALIZED VIEW never AS SELECT 7 AS n WITH NO DATA;
CREATE UNLOGGED TABLE f_unlogged(i int); INSERT INTO f_unlogged VALUES (9);
CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw;
CREATE FOREIGN TABLE f(t text) SERVER s OPTIONS (filename '/nowhere');)");
  const auto facts = facts_of(server, "d", {true, {}});
  REQUIRE(facts);
  std::vector<std::string> found;
  for (const TableFact& fact : *facts)
    found.push_back(fact.table + " " + std::to_string(fact.rows) + " " + fact.digest);
  CHECK(found == std::vector<std::string>{
                     "a_narrow 3 " + digest_of({"", "", ""}), "b_empty 0 " + digest_of({}),
                     "c_part 1 " + digest_of({"1\tx"}), "d_over 1 " + digest_of({"1"}),
                     "d_under 1 " + digest_of({"2"}), "e_stored 1 " + digest_of({"7"}),
                     "f_unlogged 1 " + digest_of({"9"})});
}

TEST_CASE("digests are of UTF-8, and of the bytes as they are where there is no encoding") {
  if (pg_missing()) return;
  const PgTestServer server;
  // Letters of KOI8-R stand in another order than in Unicode; columns stand in that of UTF-8.
  const std::string sql =
      "CREATE TABLE t(\"ю\" text, \"а\" text); INSERT INTO t VALUES ('юг', 'ад')";
  server.make_database("koi", "ENCODING 'KOI8R' LOCALE 'C'");
  server.psql("koi", sql);
  CHECK(only_fact(server, "koi", {true, {}}).digest == digest_of({"ад\tюг"}));
  server.make_database("ascii", "ENCODING 'SQL_ASCII' LOCALE 'C'");
  server.client({"psql", "-Xq", "-d", "ascii"},
                "CREATE TABLE t(b text); INSERT INTO t VALUES ('\xff\xfe');");
  CHECK(only_fact(server, "ascii", {true, {}}).digest == digest_of({"\xff\xfe"}));
}

TEST_CASE("the newest time is the latest that has come, of any column of times") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d", other_settings);
  server.psql("d", R"(
CREATE TYPE date_kind AS ENUM ('fixed');
CREATE TABLE t("Made" timestamptz, seen timestamp(3), born date, "to" daterange, days date[],
  kind date_kind, updated_at text);
INSERT INTO t VALUES
  ('2026-11-20 12:00:00.123456+00', '2026-11-26 11:59:59.5', '2026-11-26', NULL, NULL, NULL, NULL),
  ('infinity', 'infinity', 'infinity', 'empty', '{infinity}', 'fixed', '2026-11-26 11:59:59.9'),
  ('-infinity', '2026-11-26 12:00:00.001', '2026-11-27', NULL, NULL, NULL, NULL); INSERT INTO t DEFAULT VALUES;)");
  for (const bool digests : {false, true}) {
    CHECK(only_fact(server, "d", {digests, limit()}).newest == at("2026-11-26T11:59:59.5Z"));
    CHECK(only_fact(server, "d", {digests, limit()}).rows == 4);
    CHECK(only_fact(server, "d", {digests, at("2026-11-25T00:00:00Z")}).newest ==
          at("2026-11-20T12:00:00.123456Z"));
    CHECK(only_fact(server, "d", {digests, at("2020-01-01T00:00:00Z")}).newest == TimePoint{});
    CHECK(only_fact(server, "d", {digests, {}}).newest == TimePoint{});
  }
  CHECK_FALSE(only_fact(server, "d", {true, limit()}).digest.empty());
}

TEST_CASE("a large table is divided among the sessions and has the digest of the whole") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("d");
  server.psql("d",
              "CREATE TABLE t(i int, s text, at timestamptz); INSERT INTO t SELECT g, "
              "repeat(md5(g::text), 8), '2026-01-01'::timestamptz + g * interval '1 s' "
              "FROM generate_series(1, 300000) g; DELETE FROM t WHERE i % 7 = 0");
  const std::string all = server.psql("d", "COPY (SELECT at, i, s FROM t) TO STDOUT");
  std::vector<std::string> rows;
  for (const std::string_view row : text::split(all, '\n'))
    if (!row.empty()) rows.emplace_back(row);
  auto connection = pg::Connection::open(server.conninfo("d"), "d");
  REQUIRE(connection);
  auto tables = pg::user_tables(*connection);
  REQUIRE(tables);
  for (const std::size_t sessions : {1U, 3U}) {
    std::uintmax_t parts = 0, of = 0;
    const auto open = [&] {
      return pg::Connection::open(server.conninfo("d"), "d", {"timezone=UTC"});
    };
    REQUIRE(pg::read_tables(open, sessions, {true, limit()}, *tables,
                            [&](std::uintmax_t done, std::uintmax_t total) {
                              parts = done == parts + 1 ? done : 0;
                              of = total;
                            }));
    CHECK(of > 1);
    CHECK(parts == of);
    CHECK(tables->front().rows == rows.size());
    CHECK(tables->front().digest == digest_of(rows));
    CHECK(tables->front().newest == at("2026-01-04T11:20:00Z"));
  }
}

TEST_CASE("a table that cannot be read is no fault of the backup, unless the server met damage") {
  if (pg_missing()) return;
  const PgTestServer server({"allow_system_table_mods=on"});
  server.make_database("d");
  server.psql("d",
              "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t(m mood);"
              "INSERT INTO t VALUES ('sad'); DELETE FROM pg_enum WHERE enumlabel = 'sad'");
  CHECK(facts_of(server, "d", {}));
  const auto unknown = facts_of(server, "d", {true, {}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().cause == Cause::unproven);
  CHECK(unknown.error().text == "table public.t: error (SQLSTATE 22P03)");

  // A copy of the database's files, of which nothing is in the server's memory.
  server.make_database("whole");
  server.psql("whole", "CREATE TABLE t(i int); INSERT INTO t VALUES (1)");
  server.psql("postgres", "CREATE DATABASE broken TEMPLATE whole STRATEGY file_copy");
  const std::string file =
      server.psql("whole",
                  "SELECT current_setting('data_directory') || '/base/' || d.oid || '/' || "
                  "pg_relation_filenode('t') FROM pg_database d WHERE datname = 'broken'");
  // The header of its only block.
  sh("printf '%024d' 7 | dd conv=notrunc status=none of=" + file);
  const auto damaged = facts_of(server, "broken", {true, {}});
  REQUIRE_FALSE(damaged);
  INFO(damaged.error().str());
  CHECK(damaged.error().cause == Cause::damaged);
  CHECK(damaged.error().text.starts_with("table public.t: "));
}

TEST_CASE("rows of COPY to stdout come one by one, and a session survives what goes wrong") {
  if (pg_missing()) return;
  const PgTestServer server;
  auto connection = pg::Connection::open(server.conninfo("postgres"), "postgres");
  REQUIRE(connection);
  std::vector<std::string> rows;
  const auto keep = [&](ByteView row) -> Result<void> {
    rows.emplace_back(as_text(row));
    return {};
  };
  CHECK(connection->copy_out("COPY (VALUES ('a'), (E'b\\n'), (NULL), ('')) TO STDOUT", keep));
  CHECK(rows == std::vector<std::string>{"a", "b\\n", "\\N", ""});
  CHECK_FALSE(connection->copy_out("SELECT 1", keep));
  CHECK_FALSE(connection->copy_out("COPY (SELECT nothing) TO STDOUT", keep));
  const auto failed = connection->copy_out(
      "COPY (SELECT 1 / (1000 - g) FROM generate_series(1, 2000) g) TO STDOUT", keep);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().text == "error (SQLSTATE 22012)");
  int taken = 0;
  const auto enough =
      connection->copy_out("COPY (SELECT g FROM generate_series(1, 100000000) g) TO STDOUT",
                           [&](ByteView) -> Result<void> {
                             ++taken;
                             if (taken < 3) return {};
                             return Error{Cause::unproven, "three are enough", ""};
                           });
  REQUIRE_FALSE(enough);
  CHECK(enough.error().text == "three are enough");
  CHECK(taken == 3);
  CHECK(connection->scalar("SELECT 'well'").value() == "well");
}

TEST_CASE("a row that is larger than memory is an error of space, wherever it runs out") {
  if (pg_missing()) return;
  const PgTestServer server;
  const std::string sql = "COPY (SELECT repeat('x', 80000000)) TO STDOUT";
  int fitted = 0;
  for (std::uintmax_t megabytes = 20; megabytes <= 320; megabytes += 50) {
    INFO(megabytes);
    for (const bool dropped : {false, true}) {
      auto session = pg::Connection::open(server.conninfo("postgres"), "postgres");
      REQUIRE(session);
      Result<void> done;
      {
        const LittleMemory memory(megabytes << 20U);
        done = dropped ? session->run(sql)
                       : session->copy_out(sql, [](ByteView) { return Result<void>(); });
      }
      if (done) {
        ++fitted;
        continue;
      }
      CHECK(done.error().text == "there is not enough memory for what the server sends");
      CHECK(done.error().cause == Cause::space);
      CHECK_FALSE(session->is_idle());
      CHECK(session->query("SELECT 1").error().cause == Cause::crashed);
    }
  }
  CHECK(fitted > 0);
  CHECK(fitted < 10);
}
