// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_reader.h"

#include <algorithm>

#include "engines_pg_archive_support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const std::string rows = "1\tO'Hara; --\n2\ttab\\there\\\\.\n";

// A table with rows, a sequence, two large objects, an index, a privilege in front of the data.
ArchiveWriter shop(unsigned minor) {
  ArchiveWriter writer = ArchiveWriter::usual(minor);
  const auto add = [&](WrittenEntry entry) { writer.entries.push_back(std::move(entry)); };
  add({.id = 900,
       .type = "DATABASE",
       .tag = "shop",
       .definition = "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' "
                     "LOCALE = 'C.UTF-8';\n",
       .drop = "DROP DATABASE shop;\n",
       .owner = "anna"});
  add({.id = 10,
       .type = "TABLE",
       .tag = "users",
       .definition = "CREATE TABLE public.users (id int);\nCOMMENT ON TABLE x IS ';';\n",
       .drop = "DROP TABLE public.users;\n",
       .schema = "public",
       .owner = "anna",
       .tablespace = "",
       .access_method = "heap"});
  add({.id = 11,
       .type = "ACL",
       .tag = "TABLE users",
       .section = 1,
       .definition = "GRANT SELECT ON TABLE public.users TO bert;\n",
       .schema = "public",
       .owner = "anna"});
  add({.id = 12,
       .type = "FUNCTION",
       .tag = "f(integer)",
       .definition = "CREATE FUNCTION public.f(integer) ...;\n",
       .drop = "DROP FUNCTION public.f(integer);\n",
       .schema = "public",
       .owner = "anna"});
  if (minor >= 16)
    add({.id = 13,
         .type = "BLOB METADATA",
         .tag = "7..4000000000",
         .section = 3,
         .definition = "7\n4000000000\n",
         .drop = "x",
         .owner = "anna"});
  else
    for (const char* oid : {"7", "4000000000"})
      add({.id = oid[0] == '7' ? 14 : 15,
           .type = "BLOB",
           .tag = oid,
           .definition = std::string("SELECT pg_catalog.lo_create('") + oid + "');\n",
           .drop = std::string("SELECT pg_catalog.lo_unlink('") + oid + "');\n",
           .owner = "anna"});
  add({.id = 20,
       .type = "TABLE DATA",
       .tag = "users",
       .section = 3,
       .copy = "COPY public.users (id, name) FROM stdin;\n",
       .schema = "public",
       .owner = "anna",
       .dependencies = {10},
       .data = rows + "\\.\n\n\n"});
  add({.id = 21,
       .type = "SEQUENCE SET",
       .tag = "s",
       .section = 3,
       .definition = "SELECT pg_catalog.setval('public.s', 3, true);\n",
       .schema = "public"});
  add({.id = 22,
       .type = "BLOBS",
       .tag = "BLOBS",
       .section = 3,
       .objects = {{7, "seven"}, {4000000000, ""}}});
  add({.id = 30,
       .type = "INDEX",
       .tag = "i",
       .section = 4,
       .definition = "CREATE INDEX i ON public.users (id);\n",
       .drop = "DROP INDEX public.i;\n",
       .schema = "public",
       .owner = "anna"});
  return writer;
}

std::vector<std::string> expected(unsigned minor) {
  std::vector<std::string> script{"SET statement_timeout = 0;",
                                  "SET lock_timeout = 0;",
                                  "SET idle_in_transaction_session_timeout = 0;",
                                  "SET client_encoding = 'UTF8';",
                                  "SET standard_conforming_strings = on;",
                                  "SELECT pg_catalog.set_config('search_path', '', false);",
                                  "SET check_function_bodies = false;",
                                  "SET xmloption = content;",
                                  "SET client_min_messages = warning;",
                                  "SET row_security = off;",
                                  "SET default_tablespace = '';"};
  const auto add = [&](std::vector<std::string> more) {
    script.insert(script.end(), more.begin(), more.end());
  };
  if (minor >= 14) add({"SET default_table_access_method = heap;"});
  add({"CREATE TABLE public.users (id int);", "COMMENT ON TABLE x IS ';';",
       "ALTER TABLE public.users OWNER TO anna;", "CREATE FUNCTION public.f(integer) ...;",
       "ALTER FUNCTION public.f(integer) OWNER TO anna;"});
  if (minor >= 16)
    add({"SELECT pg_catalog.lo_create('7');", "SELECT pg_catalog.lo_create('4000000000');",
         "ALTER LARGE OBJECT 7 OWNER TO anna;", "ALTER LARGE OBJECT 4000000000 OWNER TO anna;"});
  else
    add({"SELECT pg_catalog.lo_create('7');", "ALTER LARGE OBJECT 7 OWNER TO anna;",
         "SELECT pg_catalog.lo_create('4000000000');",
         "ALTER LARGE OBJECT 4000000000 OWNER TO anna;"});
  add({"COPY public.users (id, name) FROM stdin;", "rows " + rows,
       "SELECT pg_catalog.setval('public.s', 3, true);", "object 7 seven", "object 4000000000 ",
       "CREATE INDEX i ON public.users (id);", "GRANT SELECT ON TABLE public.users TO bert;"});
  return script;
}

void check_shop(const Result<ArchiveEnd>& end, const RecordingSink& sink, unsigned minor) {
  INFO((end ? "" : end.error().str()));
  REQUIRE(end);
  CHECK(comparable(sink.script) == expected(minor));
  CHECK(end->data_entries == 2);
  CHECK(end->large_objects == 2);
  CHECK(end->trailing == 0);
  CHECK(sink.open == 0);
  CHECK(sink.head.database == "shop");
  CHECK(sink.head.encoding == "UTF8");
  CHECK(sink.head.locale == "C.UTF-8");
  CHECK(sink.head.server_version == "15.18");
  CHECK(sink.head.created == "2026-11-23 20:52:03");
}

}  // namespace

TEST_CASE("archives of every version, compression and width of numbers say the same") {
  for (const unsigned minor : {12U, 13U, 14U, 15U, 16U}) {
    for (const Packing packing : {Packing::none, Packing::zlib, Packing::lz4, Packing::zstd}) {
      if (minor < 15 && packing > Packing::zlib) continue;
      for (const unsigned width : {4U, 8U, 32U}) {
        CAPTURE(minor, static_cast<int>(packing), width);
        ArchiveWriter writer = shop(minor);
        writer.packing = packing;
        writer.int_size = width;
        writer.off_size = width;
        writer.offsets = width != 8;
        writer.piece = width;
        RecordingSink sink;
        check_shop(read_text(writer.custom(), sink, width == 32 ? 1 : 65536), sink, minor);
      }
    }
    RecordingSink tar, folder;
    check_shop(read_text(shop(minor).tar(), tar), tar, minor);
    MemoryFolder files = shop(minor).folder();
    check_shop(read_folder(files, folder), folder, minor);
  }
}

TEST_CASE("archives of pg_dump give the statements of pg_restore in its order") {
  const auto compare = [](const std::string& archive, const std::string& script) {
    CAPTURE(archive);
    RecordingSink sink;
    const auto end = read_text(test_data(archive), sink);
    INFO((end ? "" : end.error().str()));
    REQUIRE(end);
    CHECK(end->trailing == 0);
    CHECK(comparable(sink.script) == comparable(script_of(test_data(script))));
  };
  compare("pg_kinds.dump", "pg_kinds.sql");
  compare("pg_few_z0.dump", "pg_few.sql");
  compare("pg_few.tar", "pg_few.sql");
  compare("pg_few_inserts.dump", "pg_few_inserts.sql");
}

TEST_CASE("archives are recognized by their first bytes") {
  const std::string custom = shop(14).custom(), tar = shop(14).tar();
  CHECK(is_custom_archive(as_bytes(custom)));
  CHECK_FALSE(is_custom_archive(as_bytes(tar)));
  CHECK(is_tar_archive(as_bytes(tar)));
  CHECK_FALSE(is_tar_archive(as_bytes(custom)));
  // Cut behind its first head, or in the magic: it is no foreign tar.
  for (const std::size_t size : {512U, 514U, 516U})
    CHECK(is_tar_archive(as_bytes(tar).first(size)));
  CHECK_FALSE(is_tar_archive(as_bytes(tar).first(511)));
  CHECK_FALSE(is_tar_archive(as_bytes(tar_member("other.dat", custom))));
  CHECK_FALSE(is_tar_archive(as_bytes(tar_member("toc.dat", std::string(600, 'x')))));
}

TEST_CASE("archives say of what entry, section and owner their statements are") {
  RecordingSink sink;
  REQUIRE(read_text(shop(14).custom(), sink));
  CHECK(sink.entries.front() == "TABLE public.users owner anna in pre-data");
  CHECK(std::ranges::find(sink.entries, "TABLE DATA public.users owner anna in data") !=
        sink.entries.end());
  CHECK(sink.entries.back() == "ACL public.TABLE users owner anna in ");
  CHECK(std::ranges::find(sink.places, "entry 20") != sink.places.end());
}

TEST_CASE("an archive without a search path of its own sets that of each entry") {
  ArchiveWriter writer = ArchiveWriter::usual(12);
  writer.entries.erase(writer.entries.begin() + 2);
  writer.entries[1].definition = "SET standard_conforming_strings = 'off';\n";
  for (const int id : {1, 2})
    writer.entries.push_back({.id = id,
                              .type = "VIEW",
                              .tag = "v",
                              .definition = "CREATE VIEW v AS SELECT 'a\\';';\n",
                              .schema = "s"});
  RecordingSink sink;
  REQUIRE(read_text(writer.custom(), sink));
  const std::vector<std::string> tail(sink.script.end() - 5, sink.script.end());
  CHECK(tail == std::vector<std::string>{
                    "SET escape_string_warning = off;", "SET row_security = off;",
                    "SET search_path = \"s\", pg_catalog;", "CREATE VIEW v AS SELECT 'a\\';';",
                    "CREATE VIEW v AS SELECT 'a\\';';"});
}

TEST_CASE("one set of grants is for all large objects that its entry depends on") {
  ArchiveWriter writer = ArchiveWriter::usual(16);
  writer.entries.push_back(
      {.id = 5, .type = "BLOB METADATA", .tag = "1..2", .section = 3, .definition = "1\n2\n"});
  writer.entries.push_back({.id = 6,
                            .type = "ACL",
                            .tag = "LARGE OBJECTS 1..2",
                            .section = 3,
                            .definition = "REVOKE ALL ON LARGE OBJECT 1 FROM \"a;b\";\n"
                                          "GRANT SELECT ON LARGE OBJECT 1 TO c;\n",
                            .dependencies = {5}});
  RecordingSink sink;
  REQUIRE(read_text(writer.custom(), sink));
  const std::vector<std::string> tail(sink.script.end() - 4, sink.script.end());
  CHECK(tail == std::vector<std::string>{"REVOKE ALL ON LARGE OBJECT 1 FROM \"a;b\";",
                                         "REVOKE ALL ON LARGE OBJECT 2 FROM \"a;b\";",
                                         "GRANT SELECT ON LARGE OBJECT 1 TO c;",
                                         "GRANT SELECT ON LARGE OBJECT 2 TO c;"});
}

TEST_CASE("a partitioned table gets its access method by a statement of its own") {
  ArchiveWriter writer = ArchiveWriter::usual(16);
  writer.entries.push_back({.id = 1,
                            .type = "TABLE",
                            .tag = "p",
                            .definition = "CREATE TABLE s.p ();\n",
                            .schema = "s",
                            .access_method = "columnar",
                            .kind = 'p'});
  RecordingSink sink;
  REQUIRE(read_text(writer.custom(), sink));
  CHECK(sink.script.back() == "ALTER TABLE \"s\".\"p\" SET ACCESS METHOD \"columnar\";");
}

TEST_CASE("rows of an archive come in large pieces and whole, wherever they are cut") {
  std::string many;
  for (int i = 0; i < 60000; ++i) many += std::to_string(i) + "\t\\\\.\\N\n";
  ArchiveWriter writer = shop(15);
  writer.packing = Packing::zlib;
  for (WrittenEntry& entry : writer.entries)
    if (entry.id == 20) entry.data = many + "\\.\n\n\n";
  RecordingSink sink;
  REQUIRE(read_text(writer.custom(), sink, 777));
  CHECK(std::ranges::find(sink.script, "rows " + many) != sink.script.end());
  CHECK(sink.largest_piece > 200000);
}

TEST_CASE("bytes behind a custom archive and behind a tar are counted") {
  for (const std::string& archive : {shop(14).custom(), shop(14).tar()}) {
    RecordingSink sink;
    const auto zeros = read_text(archive + std::string(700, '\0'), sink);
    REQUIRE(zeros);
    CHECK(zeros->trailing == 700);
    CHECK(zeros->trailing_zeros);
    const auto other = read_text(archive + "rubbish", sink);
    REQUIRE(other);
    CHECK(other->trailing == 7);
    CHECK_FALSE(other->trailing_zeros);
  }
}
