// SPDX-License-Identifier: Apache-2.0
// Dumps of PostgreSQL of which parts are missing or there twice, so that every statement works.
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Tables without keys, so that rows may come twice.
constexpr const char* journal =
    "CREATE TABLE journal (a int, b text); INSERT INTO journal SELECT g, 'entry ' || g FROM "
    "generate_series(1, 300) g; COMMENT ON TABLE journal IS 'what was'; GRANT SELECT ON journal TO "
    "PUBLIC; ALTER TABLE journal ENABLE ROW LEVEL SECURITY; SELECT setval('orders_id_seq', 90000)";
constexpr const char* objects =
    "SELECT lo_from_bytea(70000 + g, ('content ' || g)::bytea) FROM "
    "generate_series(1, 3) g";

// From the comment that names it to before the next.
std::pair<std::size_t, std::size_t> section(const std::string& sql, const std::string& head) {
  const std::size_t begin = sql.find("--\n-- " + head);
  INFO(head);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = sql.find("\n--\n-- ", begin + 10);
  REQUIRE(end != std::string::npos);
  return {begin, end + 1};
}

Path twice(const Folder& folder, const std::vector<std::string>& options) {
  std::string sql = content_of(pg_dump_of(folder, "journal.sql", journal, options));
  const auto [begin, end] = section(sql, "Data for Name: journal;");
  return folder.write("twice.sql", sql.insert(end, sql.substr(begin, end - begin)));
}

// The object's comment without what follows it.
Path only_named(const Folder& folder, const std::string& head) {
  std::string sql = content_of(pg_dump_of(folder, "journal.sql", journal));
  const auto [begin, end] = section(sql, head);
  const std::size_t behind = sql.find("\n--\n", begin) + 4;
  return folder.write("named.sql", sql.replace(behind, end - behind, "\n\n"));
}

// A folder's list of large objects with one thing replaced.
Path with_list(const Folder& folder, const std::string& from, const std::string& to) {
  const Path dump = pg_dump_of(folder, "objects", objects, {"-Fd", "-Z0"});
  for (const auto& entry : std::filesystem::directory_iterator(dump)) {
    const std::string name = entry.path().filename();
    if (name.starts_with("blobs") && name.ends_with(".toc"))
      folder.write("objects/" + name, replaced(content_of(entry.path()), from, to));
  }
  return dump;
}

}  // namespace

PG_DAMAGE("F08", "the rows of a table twice", failed, damaged, "restore") {
  return twice(folder, {});
}
PG_DAMAGE("F08", "the rows of a table twice, as INSERTs", failed, damaged, "restore") {
  return twice(folder, {"--inserts"});
}
PG_DAMAGE("F29", "the rows of a table cut out with the comment that names them", passed, none,
          "the dump makes 1 table without rows of it") {
  std::string sql = content_of(pg_dump_of(folder, "journal.sql", journal));
  const auto [begin, end] = section(sql, "Data for Name: journal;");
  return folder.write("cut.sql", sql.erase(begin, end - begin));
}
PG_DAMAGE("F29", "pg_dump --exclude-table-data of a table that nothing needs", passed, none,
          "the dump makes 1 table without rows of it") {
  return pg_dump_of(folder, "some.dump", journal, {"-Fc", "--exclude-table-data=journal"});
}
PG_DAMAGE("F30", "row level security that only its comment names", failed, incomplete, "restore") {
  return only_named(folder, "Name: journal; Type: ROW SECURITY;");
}
PG_DAMAGE("F35", "a grant that only its comment names", failed, incomplete, "restore") {
  return only_named(folder, "Name: TABLE journal; Type: ACL;");
}
PG_DAMAGE("F35", "pg_dump --no-owner --no-acl", passed, none, "the dump says no owners") {
  return folder.write("bare.sql", pg_shop("no_owner_no_acl.sql"));
}
PG_DAMAGE("F35", "an archive of a database with settings of its own", passed, none,
          "settings of its database") {
  return pg_dump_of(folder, "set.dump", "ALTER DATABASE shop SET work_mem = '8MB'", {"-Fc"});
}
PG_DAMAGE("F36", "a sequence whose value only its comment names", failed, incomplete, "restore") {
  return only_named(folder, "Name: orders_id_seq; Type: SEQUENCE SET;");
}
PG_DAMAGE("more", "a comment on a table that only its own comment names", failed, incomplete,
          "restore") {
  return only_named(folder, "Name: TABLE journal; Type: COMMENT;");
}
PG_DAMAGE("F31", "an archive with one large object's content twice", failed, damaged, "restore") {
  std::string bytes = content_of(pg_dump_of(folder, "objects.dump", objects, {"-Fc", "-Z0"}));
  const std::size_t one = bytes.rfind("content 1"), two = bytes.rfind("content 2");
  REQUIRE(two != std::string::npos);
  // Before the content stand the object's number and the content's length, of 5 bytes each.
  return folder.write("twice.dump", bytes.replace(two - 10, 5, bytes, one - 10, 5));
}
PG_DAMAGE("F31", "a folder whose list names one large object twice", failed, damaged, "restore") {
  return with_list(folder, "70002 blob_70002.dat", "70001 blob_70001.dat");
}
PG_DAMAGE("F31", "a folder whose list has one file for two large objects", failed, damaged,
          "restore") {
  return with_list(folder, "70002 blob_70002.dat", "70002 blob_70001.dat");
}
PG_DAMAGE("F31", "a folder whose list lacks a large object", failed, incomplete, "restore") {
  return with_list(folder, "70002 blob_70002.dat\n", "");
}
PG_DAMAGE("more", "a file in the folder of an archive that belongs to another", passed, none,
          "1 file of the folder belong to nothing") {
  const Path dump = pg_dump_of(folder, "shop", "", {"-Fd"});
  folder.write("shop/1.dat", "1\t2\n\\.\n\n\n");
  return dump;
}
PG_DAMAGE("F08", "two dumps of different databases, one behind the other", passed, none,
          "the text holds 2 dumps") {
  return folder.write("two.sql", pg_shop() + content_of(pg_dump_file("bench", "plain.sql")));
}
PG_DAMAGE("F20", "a dump whose lines end as on Windows", passed, none, "carriage returns") {
  std::string text;
  for (const char c : pg_shop()) text += c == '\n' ? "\r\n" : std::string(1, c);
  return folder.write("windows.sql", text);
}
PG_DAMAGE("F20", "nothing: a dump behind a byte order mark", passed, none, "") {
  return folder.write("mark.sql", "\xef\xbb\xbf" + pg_shop());
}
PG_DAMAGE("F33", "a database that loads a library into its sessions that is not installed",
          inconclusive, missing_tool, "restore") {
  const std::string sql = content_of(pg_dump_file("shop", "create.sql"));
  return folder.write(
      "library.sql",
      replaced(sql, "\\connect shop",
               "ALTER DATABASE shop SET session_preload_libraries TO 'hint_plam';\n\n\\connect "
               "shop"));
}
PG_DAMAGE("F32", "a database in a tablespace that the dump does not make", passed, none,
          "tablespace fast, which the dump names and does not make") {
  return folder.write("space.sql",
                      replaced(content_of(pg_dump_file("shop", "create.sql")), "LOCALE = 'C.UTF-8'",
                               "LOCALE = 'C.UTF-8' TABLESPACE = fast"));
}

PG_DAMAGE("more", "a COPY that takes some of its rows only", inconclusive, unproven, "finding") {
  return folder.write("where.sql",
                      replaced(pg_shop(),
                               "COPY public.orders (id, customer_id, total, memo) FROM "
                               "stdin;",
                               "COPY public.orders (id, customer_id, total, memo) FROM stdin WHERE "
                               "id < 10;"));
}
PG_DAMAGE("F46", "a dump of a table WITH OIDS", inconclusive, version, "restore") {
  return folder.write("oids.sql", replaced(pg_shop(), "SET default_table_access_method = heap;",
                                           "SET default_with_oids = true;"));
}
PG_DAMAGE("F40", "nothing: names in an encoding that no database can have", passed, none, "") {
  return pg_dump_of(
      folder, "sjis.sql",
      "CREATE TABLE \"\u8868\" (\"\u30bd\" text); INSERT INTO \"\u8868\" VALUES "
      "('\u80fd'); CREATE FUNCTION \"\u80fd\"() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      {"--encoding=SJIS"});
}
PG_DAMAGE("F40", "nothing: an archive in another encoding than its database", passed, none, "") {
  return pg_dump_of(
      folder, "eucjp.dump",
      "CREATE TABLE \"\u8868\" (\"\u30bd\" text); INSERT INTO \"\u8868\" VALUES "
      "('\u80fd'); CREATE FUNCTION \"\u80fd\"() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      {"--encoding=EUC_JP", "-Fc"});
}
PG_DAMAGE("F40", "nothing: names that are no UTF-8 in a database of SQL_ASCII", passed, none, "") {
  const PgTestServer server;
  server.make_database("bytes", "ENCODING 'SQL_ASCII' LOCALE 'C'");
  server.psql("bytes", "CREATE TABLE \"caf_\" (a text); INSERT INTO \"caf_\" VALUES ('caf_')");
  std::string sql = server.dump("bytes");
  for (std::size_t at; (at = sql.find("caf_")) != std::string::npos;) sql[at + 3] = '\xe9';
  return folder.write("bytes.sql", sql);
}
PG_DAMAGE("F78", "nothing: a schema of the name that our own would have", passed, none, "") {
  return pg_dump_of(folder, "ours.sql", "CREATE SCHEMA backproof_amcheck");
}

// What a dump is easily taken for a bad one for.
PG_DAMAGE("F40", "nothing: partitions in the order of an ICU locale", passed, none, "") {
  const PgTestServer server;
  server.make_database("icu", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'");
  server.psql("icu",
              "CREATE TABLE p (a text) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF "
              "p FOR VALUES FROM ('a') TO ('c'); INSERT INTO p VALUES ('apple'), ('Banana')");
  server.dump_to(folder / "icu.dump", "icu", {"-Fc"});
  return folder / "icu.dump";
}
PG_DAMAGE("F40", "partitions in the order of a locale that the dump does not say", inconclusive,
          unproven, "restore") {
  const PgTestServer server;
  server.make_database("icu", "LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'");
  server.psql("icu",
              "CREATE TABLE p (a text) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF "
              "p FOR VALUES FROM ('a') TO ('c'); INSERT INTO p VALUES ('apple'), ('Banana')");
  server.dump_to(folder / "icu.sql", "icu", {"--inserts"});
  return folder / "icu.sql";
}
PG_DAMAGE("F44", "a row in a partition of numbers where it does not belong", failed, restore_error,
          "restore") {
  return folder.write(
      "row.sql",
      replaced(content_of(pg_dump_of(folder, "parts.sql",
                                     "CREATE TABLE m (d int) PARTITION BY RANGE (d); CREATE TABLE "
                                     "m_1 PARTITION OF m FOR VALUES FROM (0) TO (100); INSERT INTO "
                                     "m VALUES (77)")),
               "\n77\n", "\n777\n"));
}
PG_DAMAGE("F78", "nothing: an event trigger that forbids whatever changes the schema", passed, none,
          "") {
  return pg_dump_of(folder, "frozen.sql",
                    "CREATE FUNCTION frozen() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN "
                    "RAISE EXCEPTION 'frozen'; END$$; CREATE EVENT TRIGGER frozen ON "
                    "ddl_command_start EXECUTE FUNCTION frozen(); ALTER EVENT TRIGGER frozen "
                    "ENABLE ALWAYS");
}
PG_DAMAGE("F78", "nothing: more locks in one transaction than a stock server has room for", passed,
          none, "") {
  return folder.write("locks.sql",
                      replaced(pg_shop(), "CREATE TABLE public.orders",
                               "DO $$BEGIN FOR i IN 1..9000 LOOP PERFORM pg_advisory_lock(i); END "
                               "LOOP; PERFORM pg_advisory_unlock_all(); END$$;\n\nCREATE TABLE "
                               "public.orders"));
}
