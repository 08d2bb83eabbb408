// SPDX-License-Identifier: Apache-2.0
// Plain dumps of PostgreSQL that are not what they should be.
#include <fcntl.h>

#include <algorithm>
#include <semaphore>
#include <thread>

#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// The shop's dump with `line` before its second table.
Path with_line(const Folder& folder, const std::string& line) {
  return folder.write("with.sql", replaced(pg_shop(), "CREATE TABLE public.orders",
                                           line + "\nCREATE TABLE public.orders"));
}

Path cut_before(const Folder& folder, std::string_view text, std::size_t more = 0) {
  const std::string sql = pg_shop();
  const std::size_t at = sql.find(text);
  REQUIRE(at != std::string::npos);
  return folder.write("cut.sql", sql.substr(0, at + more));
}

Path zipped(const Folder& folder) {
  return folder.write("shop.sql.gz", pg_shop("plain.sql.gz"));
}

}  // namespace

PG_DAMAGE("more", "nothing: a good plain dump", passed, none, "") {
  return make_pg_plain(folder, "good.sql");
}
PG_DAMAGE("more", "nothing: a good plain dump behind gzip", passed, none, "") {
  return zipped(folder);
}
PG_DAMAGE("F01", "a plain dump whose gzip is cut", failed, truncated, "restore") {
  const std::string bytes = content_of(zipped(folder));
  return folder.write("cut.sql.gz", bytes.substr(0, bytes.size() * 2 / 3));
}
// The server ends its COPY there without a word, and drops what follows.
PG_DAMAGE("F09", "a row with an end of all rows in it", failed, damaged, "restore") {
  return folder.write("dot.sql", replaced(pg_shop(), "\tmemo 700\n", "\tmemo 700\\.\n"));
}
PG_DAMAGE("F09", "a row with an end of all rows in it, in a transaction", failed, damaged,
          "restore") {
  const std::string sql = replaced(pg_shop(), "COPY public.orders", "BEGIN;\nCOPY public.orders");
  return folder.write("dot.sql", replaced(sql, "\tmemo 700\n", "\tmemo 700\\.\n"));
}
PG_DAMAGE("F09", "a row that ends with a carriage return", failed, damaged, "restore") {
  return folder.write("crlf.sql", replaced(pg_shop(), "\tmemo 700\n", "\tmemo 700\r\n"));
}
PG_DAMAGE("F02", "a plain dump whose gzip has a wrong CRC", failed, damaged, "finding") {
  std::string bytes = content_of(zipped(folder));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);
  return folder.write("crc.sql.gz", bytes);
}
PG_DAMAGE("F04", "a plain dump in gzip members that lost its last", failed, truncated, "restore") {
  const std::string sql = pg_shop();
  folder.write("a", sql.substr(0, sql.size() / 2));
  sh("gzip -nc " + (folder / "a").native() + " >" + (folder / "half.sql.gz").native());
  return folder / "half.sql.gz";
}
PG_DAMAGE("F06", "what pg_dump of a database that is not there leaves behind gzip", failed, empty,
          "inspect") {
  const PgTestServer server;
  const Output said = server.client({"pg_dump", "absent"});
  CHECK_FALSE(said.ended.ok());
  folder.write("none.sql", said.out);
  sh("gzip -n " + (folder / "none.sql").native());
  return folder / "none.sql.gz";
}
PG_DAMAGE("F18", "a plain dump that grows beyond all measure", failed, hostile, "restore") {
  folder.write("head.sql", pg_shop().substr(0, pg_shop().find("CREATE TABLE")));
  sh("cd " + folder.path().native() +
     " && (cat head.sql; head -c 2G /dev/zero | tr '\\0' ' ') | zstd -q >bomb.sql.zst");
  return folder / "bomb.sql.zst";
}
PG_DAMAGE("F07", "pg_dump's message in front of the dump", failed, damaged, "restore") {
  return folder.write("noise.sql",
                      "pg_dump: warning: there are circular foreign-key constraints on "
                      "this table:\n" +
                          pg_shop());
}
PG_DAMAGE("F07", "pg_dump's message between statements", failed, damaged, "restore") {
  return with_line(folder, "pg_dump: error: query failed: server closed the connection");
}
PG_DAMAGE("F07", "pg_dump's message among the rows", failed, restore_error, "restore") {
  return folder.write("noise.sql",
                      replaced(pg_shop(), "\n700\t", "\npg_dump: last built-in OID\n700\t"));
}
PG_DAMAGE("F08", "cut between two statements", failed, truncated, "restore") {
  return cut_before(folder, "--\n-- Name: orders_by_customer;");
}
PG_DAMAGE("F08", "cut inside a statement", failed, truncated, "restore") {
  return cut_before(folder, "CREATE TABLE public.orders", 30);
}
PG_DAMAGE("F08", "cut at the end of a row", failed, truncated, "restore") {
  return cut_before(folder, "\n2500\t", 1);
}
PG_DAMAGE("F08", "cut behind the \\. of the last table", failed, truncated, "restore") {
  return cut_before(folder, "memo 5000\n\\.\n", 13);
}
PG_DAMAGE("F09", "cut inside the last field", failed, truncated, "restore") {
  return cut_before(folder, "memo 5000\n", 5);
}
PG_DAMAGE("F08", "a \\. is missing", failed, truncated, "restore") {
  return folder.write("open.sql", replaced(pg_shop(), "memo 5000\n\\.\n", "memo 5000\n"));
}
PG_DAMAGE("F08", "the end mark is missing", failed, truncated, "restore") {
  return folder.write(
      "end.sql", without(pg_shop(), "--\n-- PostgreSQL database dump complete", "\\unrestrict"));
}
PG_DAMAGE("F08", "the end mark is there but rows before it are cut out", failed, truncated,
          "restore") {
  return folder.write("hole.sql",
                      without(pg_shop(), "\n2500\t", "\n--\n-- PostgreSQL database dump complete"));
}
PG_DAMAGE("F08", "the first half of a dump", failed, truncated, "restore") {
  const std::string sql = pg_shop();
  return folder.write("half.sql", sql.substr(0, sql.size() / 2));
}
PG_DAMAGE("F08", "the second half of a dump", failed, wrong_format, "inspect") {
  const std::string sql = pg_shop();
  return folder.write("half.sql", sql.substr(sql.size() / 2));
}
PG_DAMAGE("F08", "a dump behind its end mark once more", failed, restore_error, "restore") {
  return folder.write("twice.sql", pg_shop() + pg_shop());
}
PG_DAMAGE("F08", "rows in the wrong number of columns", failed, restore_error, "restore") {
  return folder.write("columns.sql", replaced(pg_shop(), "\tmemo 700\n", "\n"));
}
PG_DAMAGE("F09", "an index that only its comment names", failed, incomplete, "restore") {
  return folder.write("index.sql", without_statement(pg_shop(), "CREATE INDEX orders_by_customer"));
}
PG_DAMAGE("F09", "a view that only its comment names", failed, incomplete, "restore") {
  return folder.write("table.sql", without_statement(pg_shop("no_owner_no_acl.sql"),
                                                     "CREATE VIEW public.big_orders"));
}
PG_DAMAGE("F38", "a foreign key that only its comment names", failed, incomplete, "restore") {
  return folder.write(
      "key.sql",
      without_statement(
          pg_shop(), "ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_customer_id_fkey"));
}
PG_DAMAGE("F39", "a primary key that only its comment names", failed, incomplete, "restore") {
  // Only that of orders: that of customer is needed by the foreign key.
  return folder.write(
      "key.sql", without_statement(
                     pg_shop(), "ALTER TABLE ONLY public.orders\n    ADD CONSTRAINT orders_pkey"));
}
PG_DAMAGE("more", "a trigger that only its comment names", failed, incomplete, "restore") {
  return folder.write("trigger.sql", without_statement(pg_shop(), "CREATE TRIGGER stamping"));
}
PG_DAMAGE("more", "a policy that only its comment names", failed, incomplete, "restore") {
  return folder.write("policy.sql", without_statement(pg_shop(), "CREATE POLICY everybody"));
}
PG_DAMAGE("more", "a type that only its comment names", failed, incomplete, "restore") {
  return folder.write("type.sql",
                      without_statement(pg_shop("no_owner_no_acl.sql"), "CREATE TYPE shelf.size"));
}
PG_DAMAGE("more", "a table whose rows only their comment names", failed, incomplete, "restore") {
  return folder.write("rows.sql", without(pg_shop(), "COPY public.orders",
                                          "\n--\n-- Name: customer_id_seq; Type: SEQUENCE SET"));
}
PG_DAMAGE("more", "tables after their rows", failed, restore_error, "restore") {
  const std::string sql = pg_shop();
  const std::size_t begin = sql.find("--\n-- Name: customer; Type: TABLE;");
  const std::size_t end = sql.find("--\n-- Name: customer_id_seq;");
  const std::string table = sql.substr(begin, end - begin);
  std::string moved = sql;
  moved.erase(begin, end - begin);
  return folder.write("order.sql", replaced(moved, "--\n-- Name: orders orders_pkey;",
                                            table + "--\n-- Name: orders orders_pkey;"));
}
PG_DAMAGE("F38", "an order without its customer", failed, restore_error, "restore") {
  return folder.write("orphan.sql", without(pg_shop(), "\n17\tcustomer 17", "\n18\tcustomer 18"));
}
PG_DAMAGE("F39", "a row twice, against the primary key", failed, restore_error, "restore") {
  return folder.write("twice.sql", replaced(pg_shop(), "\n700\t", "\n701\t1\t1.00\tagain\n700\t"));
}
PG_DAMAGE("more", "a row that breaks a CHECK", failed, restore_error, "restore") {
  return folder.write("check.sql",
                      replaced(pg_shop(), "\t175.00\tmemo 700\n", "\t-175.00\tmemo 700\n"));
}
PG_DAMAGE("more", "a letter that its encoding does not have", failed, restore_error, "restore") {
  return folder.write("letter.sql", replaced(pg_shop(), "memo 700\n", "memo \xc3\x28\n"));
}
PG_DAMAGE("more", "a NUL byte among the rows", failed, damaged, "restore") {
  std::string sql = pg_shop();
  sql[sql.find("memo 700\n")] = '\0';
  return folder.write("nul.sql", sql);
}
PG_DAMAGE("more", "SQL that the server does not know", failed, restore_error, "restore") {
  return with_line(folder, "CREATE TABEL t (a int);");
}
PG_DAMAGE("more", "SQL that was written by hand", inconclusive, unproven, "finding") {
  return folder.write("hand.sql",
                      "SET client_encoding = 'UTF8';\nCREATE TABLE public.t (a integer);\n"
                      "COPY public.t (a) FROM stdin;\n1\n\\.\n");
}
PG_DAMAGE("F46", "a dump of a newer server", inconclusive, version, "restore") {
  const std::string from = "-- Dumped from database version ", by = "-- Dumped by pg_dump version ";
  const std::string version = std::to_string(pg_major()) + ".";
  return folder.write("newer.sql", replaced(replaced(pg_shop(), from + version, from + "97."),
                                            by + version, by + "97."));
}
PG_DAMAGE("F33", "an extension that is not installed", inconclusive, missing_tool, "restore") {
  return with_line(folder,
                   "--\n-- Name: postgis; Type: EXTENSION; Schema: -; Owner: -\n--\n\nCREATE "
                   "EXTENSION IF NOT EXISTS postgis WITH SCHEMA public;\n");
}
PG_DAMAGE("F32", "owners that the dump does not make", passed, none, "role") {
  std::string sql = pg_shop();
  for (std::size_t at; (at = sql.find("OWNER TO postgres;")) != std::string::npos;)
    sql = replaced(sql, "OWNER TO postgres;", "OWNER TO \"shop; owner\";");
  return folder.write("roles.sql", sql);
}
PG_DAMAGE("F40", "a locale that is not installed", passed, none, "locale") {
  return folder.write("locale.sql", replaced(content_of(pg_dump_file("shop", "create.sql")),
                                             "LOCALE = 'C.UTF-8'", "LOCALE = 'xx_YY.UTF-8'"));
}
PG_DAMAGE("F92", "a dump with \\!", failed, hostile, "restore") {
  return with_line(folder, "\\! touch /tmp/backproof-owned");
}
PG_DAMAGE("F93", "a dump that copies from a program", failed, hostile, "restore") {
  return with_line(folder, "COPY public.customer FROM PROGRAM 'id';");
}
PG_DAMAGE("F93", "a dump that copies from a file", failed, hostile, "restore") {
  return with_line(folder, "COPY public.customer FROM '/etc/passwd';");
}
PG_DAMAGE("F68", "a dump that turns to another database", failed, hostile, "restore") {
  return with_line(folder, "\\connect production");
}

TEST_CASE("F08: a plain dump of PostgreSQL cut at any place never passes") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string sql = pg_shop();
  const std::size_t end = sql.rfind("dump complete");
  Random random(8);
  for (int i = 0; i < 25; ++i) {
    const std::size_t at = 60 + random.below(end - 60);
    const Run run = verified(folder.write("cut.sql", sql.substr(0, at)));
    INFO("cut at " << at << ": " << run.reason);
    CHECK(run.verdict == Verdict::failed);
    CHECK(run.cause == Cause::truncated);
  }
}

TEST_CASE("F03: a plain dump whose gzip has a wrong bit anywhere never passes") {
  if (pg_missing()) return;
  const Folder folder;
  const std::string good = content_of(zipped(folder));
  Random random(3);
  for (int i = 0; i < 15; ++i) {
    std::string bytes = good;
    const std::size_t at = 20 + random.below(bytes.size() - 20);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
    const Run run = verified(folder.write("flip.sql.gz", bytes));
    INFO("bit of byte " << at << ": " << run.reason);
    CHECK(run.verdict == Verdict::failed);
  }
}

TEST_CASE("F17: a dump of PostgreSQL that is written to while it is read is inconclusive") {
  if (pg_missing()) return;
  const Folder folder;
  const Path plain = make_pg_plain(folder, "shop.sql");
  const Path dumped = folder / "directory";
  std::filesystem::copy(pg_dump_file("shop", "directory_z0"), dumped);
  Path member;
  for (const auto& entry : std::filesystem::directory_iterator(dumped))
    if (entry.path().extension() == ".dat" && entry.path().filename() != "toc.dat")
      member = entry.path();
  for (const auto& [backup, file] : {std::pair(plain, plain), std::pair(dumped, member)}) {
    std::binary_semaphore writing{0};
    std::jthread writer([&, &file = file](const std::stop_token& stop) {
      const Fd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
      for (bool said = false; !stop.stop_requested();) {
        std::ignore = write_all(fd.get(), as_bytes(std::string_view("\n")));
        if (!std::exchange(said, true)) writing.release();
      }
    });
    writing.acquire();
    // The writer may be kept from its processor all through one reading, but not through ten.
    Run run;
    for (int i = 0; i < 10 && run.cause != Cause::fetch; ++i) run = verified(backup);
    writer.request_stop();
    INFO(backup << ": " << run.reason);
    CHECK(run.verdict == Verdict::inconclusive);
    CHECK(run.cause == Cause::fetch);
  }
}

TEST_CASE("F102: no value of a row of a PostgreSQL dump gets into the report of an error") {
  if (pg_missing()) return;
  for (const std::string& line :
       {std::string("INSERT INTO public.customer VALUES ('s3cret', 'a');"),
        std::string("SELECT 's3cret'::int;"), std::string("SELECT 1/0, 's3cret';"),
        std::string("DO $$BEGIN RAISE EXCEPTION 's3cret'; END$$;"),
        std::string("COPY public.customer (id, name, town) FROM stdin;\ns3cret\ta\tb\n\\.\n"),
        // Names that the server looks up are values in such columns.
        std::string("CREATE TABLE r (a regrole);\nCOPY public.r (a) FROM stdin;\ns3cret\n\\.\n"),
        std::string("INSERT INTO public.customer VALUES ('s3cret'::regclass, 'a');"),
        std::string("SELECT pg_catalog.setval('s3cret', 1);"),
        // Code can raise what is told of other errors.
        std::string("DO $$BEGIN RAISE EXCEPTION 's3cret' USING ERRCODE = '42704', TABLE = "
                    "'s3cret', CONSTRAINT = 's3cret'; END$$;")}) {
    const Folder folder;
    const Path file = with_line(folder, line);
    const Output output = program({"verify", "--format", "json", file.native()});
    INFO(line << "\n" << output.out);
    CHECK(output.ended.exit_code == 1);
    CHECK(output.out.find("s3cret") == std::string::npos);
    CHECK(output.err.find("s3cret") == std::string::npos);
  }
}

TEST_CASE("F80: a PostgreSQL dump that never ends is stopped at its deadline") {
  if (pg_missing()) return;
  const Folder folder;
  const Path file = with_line(folder, "DO $$BEGIN LOOP END LOOP; END$$;");
  const Run run = verified(file, {"--timeout", "5s"});
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::timeout);
}
