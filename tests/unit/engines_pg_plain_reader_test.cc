// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_reader.h"

#include "engines_pg_plain_events.h"
#include "engines_pg_plain_sample.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("a real plain dump is told statement by statement") {
  const Reading reading = read_plain(plain_sample);
  REQUIRE(reading.error().empty());
  CHECK(reading.end->marked);
  CHECK_FALSE(reading.end->cluster);
  CHECK(reading.end->dumps == 1);
  CHECK(reading.end->copies == 2);
  CHECK(reading.end->statements == 19);
  CHECK(reading.end->row_bytes == 35);
  CHECK(reading.end->lines == 126);
  const std::vector<std::string>& events = reading.recorder.events;
  REQUIRE(events.size() == 35);
  CHECK(events[0] == "header 15.18|15.18||UTF8||");
  CHECK(events[1] == "10 SET statement_timeout = 0;");
  CHECK(events[11] == "entry FUNCTION|public|atom(integer)|");
  CHECK(events[12].starts_with("25 CREATE FUNCTION public.atom("));
  CHECK(events[12].ends_with(" SELECT 3;\nEND;"));
  CHECK(events[17] == "entry TABLE|public|odd; \"n\" x|");
  CHECK(events[24] == "85 begin COPY public.\"odd; \"\"n\"\"\nx\" (a) FROM stdin;");
  CHECK(events[25] == "rows 7\n");
  CHECK(events[26] == "end");
  CHECK(events[29] == "rows 1\tone\t\\N\n2\t\\\\.\ttab\\tnl\\n;\n3\t'\t--\n");
  CHECK(events[34].ends_with(" SELECT 2 AS \"?column?\";\n);"));
}

TEST_CASE("every cut of a real plain dump is seen") {
  const std::size_t head = plain_sample.find("dump\n") + 4;
  const std::size_t whole = plain_sample.find_last_not_of('\n') + 1;
  for (std::size_t size = 0; size <= plain_sample.size(); ++size) {
    const Reading reading = read_in_steps(plain_sample.substr(0, size), 1000);
    INFO(size << " bytes: " << reading.error());
    if (size < head)
      REQUIRE((!reading.end || !reading.end->marked));
    else if (size < whole)
      REQUIRE((!reading.end && reading.end.error().cause == Cause::truncated));
    else
      REQUIRE((reading.end && reading.end->marked));
  }
}

TEST_CASE("a cut is reported with its line and the last object") {
  CHECK(read_plain(plain_sample.substr(0, plain_sample.find("3\t'"))).error() ==
        "truncated: the dump ends in line 98, inside of the rows of a COPY that begins in line 95 "
        "in TABLE DATA public.users");
  CHECK(read_plain(plain_sample.substr(0, plain_sample.find("    id integer"))).error() ==
        "truncated: the dump ends in line 65, inside of a statement that begins in line 64 in "
        "TABLE public.users");
  CHECK(read_plain(plain_sample.substr(0, plain_sample.find("ALTER TABLE ONLY"))).error() ==
        "truncated: the dump that begins in line 2 has no end mark and ends in line 106 in "
        "CONSTRAINT public.users users_pkey");
  CHECK(read_plain(plain_head() + "COPY t FROM stdin;").error().starts_with("truncated: "));
  CHECK(read_plain(plain_head() + "/* ").error().starts_with("truncated: "));
}

TEST_CASE("a dump with line ends of Windows is read") {
  std::string text;
  for (const char c : plain_dump("CREATE TABLE t ();\nCOPY t FROM stdin;\n1\n\\.\n"))
    text += c == '\n' ? "\r\n" : std::string(1, c);
  const Reading reading = read_plain(text);
  REQUIRE(reading.error().empty());
  CHECK(reading.end->marked);
  CHECK(reading.recorder.events ==
        std::vector<std::string>{"header 15.18|||UTF8||", "7 SET client_encoding = 'UTF8';",
                                 "9 CREATE TABLE t ();", "10 begin COPY t FROM stdin;",
                                 "rows 1\r\n", "end"});
}

TEST_CASE("SQL that pg_dump did not write is read and proves nothing") {
  const Reading reading = read_plain("\xef\xbb\xbf-- by hand\nBEGIN; SELECT ';'\n;;COMMIT;");
  REQUIRE(reading.error().empty());
  CHECK_FALSE(reading.end->marked);
  CHECK(reading.recorder.events ==
        std::vector<std::string>{"header |||||", "2 BEGIN;", "2 SELECT ';'\n;", "3 COMMIT;"});
  CHECK(read_plain("").error().empty());
  CHECK(read_plain("").recorder.events.empty());
  CHECK(read_plain("SELECT 1;\nSELECT 2").error() ==
        "truncated: the dump ends in line 2, inside of a statement that begins in line 2");
}

TEST_CASE("a string is read by the setting of standard_conforming_strings before it") {
  CHECK(read_plain("SET standard_conforming_strings = off;\nSELECT '\\';';\nSET "
                   "standard_conforming_strings TO 'on';\nSELECT '\\';")
            .recorder.events.size() == 5);
}

TEST_CASE("a COPY from anything but its own rows is hostile") {
  for (const char* sql :
       {"COPY t FROM '/etc/passwd';", "copy t from program 'true';", "COPY t TO stdout;",
        "COPY (SELECT 1) TO PROGRAM 'true';", "COPY \"FROM stdin\" FROM 'x';",
        "COPY t(\"from stdin\") /* FROM stdin */ TO '/x';", "COPY t FROM \"stdin\";"}) {
    INFO(sql);
    CHECK(read_plain(plain_dump(sql)).error() ==
          "hostile: line 9 has a COPY from or to a file or a program, which no dump needs");
  }
}

TEST_CASE("a COPY is recognized in any case and whatever its names are") {
  for (const char* sql : {"copy t from STDIN;", "COPY \"to\".\"FROM 'x'\" (\"TO\", b) FROM stdin;",
                          "COPY t /* TO */ FROM stdin WITH (FORMAT text);"}) {
    INFO(sql);
    const Reading reading = read_plain(plain_dump(std::string(sql) + "\n\\.\n"));
    CHECK(reading.error().empty());
    CHECK(reading.recorder.events[2] == "9 begin " + std::string(sql));
  }
  CHECK(read_plain(plain_dump("COPY t FROM stdin; SELECT 1;\n\\.\n")).error() ==
        "damaged: line 9 has more text behind a COPY ... FROM stdin");
  CHECK(read_plain(plain_dump("\\.\n")).error() ==
        "damaged: line 9 ends a COPY that has no beginning");
}

TEST_CASE("a program's message in a dump is damage") {
  CHECK(read_plain("pg_dump: reading schemas\n" + plain_dump("")).error() ==
        "damaged: line 1 has the message of a program and no SQL");
  CHECK(read_plain(plain_dump("SELECT 1;\npg_dump: error: it's over\n")).error() ==
        "damaged: line 10 has the message of a program and no SQL");
  CHECK(read_plain(plain_dump("CREATE TABLE t (\npg_dump: error: x\n);\n")).error() ==
        "damaged: line 10 has the message of a program and no SQL");
  CHECK(read_plain(plain_dump("") + "pg_dump: error: x\n").error() ==
        "damaged: line 13 is text behind the end mark in line 10");
}

TEST_CASE("a NUL byte is damage in SQL, in comments and in rows") {
  const std::string nul(1, '\0');
  for (const std::string& body : {"SELECT 1;" + nul, "SELECT '" + nul + "';", "--" + nul + "\n",
                                  "COPY t FROM stdin;" + nul, "/*" + nul + "*/"}) {
    INFO(body);
    CHECK(read_plain(plain_dump(body)).error() ==
          "damaged: line 9 has a NUL byte, which no plain dump holds");
  }
  CHECK(read_plain(plain_dump("COPY t FROM stdin;\na\nb" + nul + "\n\\.\n")).error() ==
        "damaged: line 11 has a NUL byte, which no plain dump holds");
}

TEST_CASE("a plain dump is recognized behind messages and a byte order mark") {
  const auto recognizes = [](const std::string& text) { return is_plain_dump(as_bytes(text)); };
  CHECK(recognizes(plain_dump("")));
  CHECK(recognizes("--\n-- PostgreSQL database cluster dump\n"));
  CHECK(recognizes("--\r\n-- PostgreSQL database dump\r\n--\r\n"));
  CHECK(recognizes("pg_dump: last built-in OID is 16383\npg_dump: x\n" + plain_dump("")));
  CHECK(recognizes("\xef\xbb\xbf" + plain_dump("")));
  std::string wide = "\xff\xfe";
  for (const char c : plain_dump("")) wide += {c, '\0'};
  CHECK(recognizes(wide));
  CHECK(read_plain(wide).end.error().hint.starts_with("the text is UTF-16"));
  CHECK_FALSE(recognizes(""));
  CHECK_FALSE(recognizes("SELECT 1;\n"));
  CHECK_FALSE(recognizes("-- PostgreSQL database dump complete\n"));
  CHECK_FALSE(recognizes("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"));
}
