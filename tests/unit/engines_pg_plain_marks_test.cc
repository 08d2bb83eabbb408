// SPDX-License-Identifier: Apache-2.0
#include "engines_pg_plain_events.h"

using namespace backproof;
using namespace backproof::test;

namespace {

constexpr const char* cluster_head = "--\n-- PostgreSQL database cluster dump\n--\n\n";
constexpr const char* cluster_tail = "--\n-- PostgreSQL database cluster dump complete\n--\n\n";

std::string error_of(std::string_view text) {
  return read_plain(text).error();
}

}  // namespace

TEST_CASE("a dump of a cluster is whole when each dump in it is") {
  const std::string text =
      std::string(cluster_head) +
      "SET client_encoding = 'UTF8';\nCREATE ROLE joe;\n\\connect template1\n" +
      plain_dump("SELECT 1;\n") + "\\connect \"Od\"\"d\"\n" + plain_dump("SELECT 2;\n") +
      cluster_tail;
  const Reading reading = read_plain(text);
  REQUIRE(reading.error().empty());
  CHECK(reading.end->marked);
  CHECK(reading.end->cluster);
  CHECK(reading.end->dumps == 2);
  CHECK(reading.recorder.events ==
        std::vector<std::string>{
            "header |||UTF8||", "5 SET client_encoding = 'UTF8';", "6 CREATE ROLE joe;",
            "7 connect template1", "header 15.18||template1|UTF8||",
            "14 SET client_encoding = 'UTF8';", "16 SELECT 1;", "21 connect Od\"d",
            "header 15.18||Od\"d|UTF8||", "28 SET client_encoding = 'UTF8';", "30 SELECT 2;"});
}

TEST_CASE("a dump without its end mark is seen in whatever follows") {
  const std::string cut = plain_head() + "SELECT 1;\n";
  CHECK(
      error_of(cluster_head + cut + "\\connect app\n") ==
      "truncated: the dump that begins in line 6 has no end mark before the \\connect in line 14");
  CHECK(error_of(cluster_head + cut + plain_dump("")) ==
        "truncated: the dump that begins in line 6 has no end mark before line 15, where the next "
        "one begins");
  CHECK(error_of(cluster_head + cut + cluster_tail) ==
        "truncated: the dump that begins in line 6 has no end mark before the end of the cluster's "
        "in line 15");
  CHECK(error_of(cluster_head + plain_dump("")) ==
        "truncated: the dump that begins in line 2 has no end mark and ends in line 17");
  CHECK(error_of(std::string(cluster_head) + cluster_head).starts_with("truncated: "));
  CHECK(error_of(plain_tail()) == "damaged: the end mark in line 2 has no head before it");
  CHECK(error_of(cluster_tail) == "damaged: the end mark in line 2 has no head before it");
}

TEST_CASE("dumps one behind the other are whole when the last one is") {
  const Reading reading = read_plain(std::string(cluster_head) + cluster_tail + "-- mine\n" +
                                     plain_dump("") + "-- done\n");
  REQUIRE(reading.error().empty());
  CHECK(reading.end->marked);
  CHECK(error_of(plain_dump("") + plain_head()).starts_with("truncated: "));
}

TEST_CASE("nothing but comments may stand behind the end mark") {
  CHECK(error_of(plain_dump("") + "VACUUM;") ==
        "damaged: line 13 is text behind the end mark in line 10");
  CHECK(error_of(plain_dump("") + "\\connect x\n") ==
        "damaged: line 13 is text behind the end mark in line 10");
  CHECK(error_of(plain_dump("") + "<html>") ==
        "damaged: line 13 is text behind the end mark in line 10");
  CHECK(error_of(plain_head() + "--\n-- PostgreSQL database dump complete\nSELECT 1;") ==
        "damaged: line 11 stands in the middle of the end mark of line 10");
  CHECK(error_of(plain_head() + "--\n-- PostgreSQL database dump complete\n-- x\n") ==
        "damaged: line 11 stands in the middle of the end mark of line 10");
  CHECK(error_of(plain_head() + "--\n-- PostgreSQL database dump complete\n") ==
        "truncated: the dump ends in line 11, inside of its end mark");
  CHECK(error_of(plain_head() + "-- Completed on 2026-11-23 20:52:03 UTC\n\n" + plain_tail())
            .empty());
}

TEST_CASE("a dump that makes its database goes into that one only") {
  const std::string makes =
      "DROP DATABASE IF EXISTS app;\n--\n-- Name: app; Type: DATABASE; Schema: -; Owner: joe\n"
      "--\n\nCREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'C' "
      "LOCALE = 'de_DE.UTF-8';\n\n";
  const Reading reading = read_plain(
      plain_dump(makes + "\\connect app\n\nALTER DATABASE app SET a = b;\n\\connect app\n"));
  REQUIRE(reading.error().empty());
  REQUIRE(reading.recorder.headers.size() == 1);
  CHECK(reading.recorder.headers[0].database == "app");
  CHECK(reading.recorder.headers[0].locale == "de_DE.UTF-8");
  CHECK(reading.recorder.events[0] == "header 15.18||app|UTF8|de_DE.UTF-8|");
  CHECK(reading.recorder.events[2] == "9 DROP DATABASE IF EXISTS app;");
  CHECK(reading.recorder.events[3] == "entry DATABASE||app|joe");
  CHECK(error_of(plain_dump(makes + "\\connect other\n")).starts_with("truncated: "));
}

TEST_CASE("every form of connect that pg_dump writes is understood") {
  const auto connected = [](const std::string& line) {
    const Reading reading = read_plain(line + "\nSELECT 1;");
    return reading.end ? reading.recorder.events.at(1) : reading.error();
  };
  CHECK(connected("\\connect app_1") == "1 connect app_1");
  CHECK(connected("\\connect \"A \"\"b\"\";\"") == "1 connect A \"b\";");
  CHECK(connected("\\connect -reuse-previous=on \"dbname='o \"\"d\"\" n\\'a\\\\me ='\"") ==
        "1 connect o \"d\" n'a\\me =");
  CHECK(connected("\\encoding SQL_ASCII\n\\connect app") == "2 connect app");
}

TEST_CASE("every other command of psql is hostile") {
  for (const char* line : {"\\! true",
                           "\\i x",
                           "\\copy t from program 'true'",
                           "\\connect app user host",
                           "\\c app",
                           "\\connect",
                           "\\connect \"host=x\"",
                           "\\connect \"postgresql://x/y\"",
                           "\\connect App",
                           "\\connect -reuse-previous=on \"dbname='x' host=y\"",
                           "\\connect \"x\" host",
                           "\\;",
                           "\\connect -reuse-previous=off \"dbname='x'\"",
                           "\\encoding UTF8",
                           "\\restrict a-b",
                           "\\restrict",
                           "\\",
                           "\\.x",
                           "  \\connect app",
                           "\\connect `true`",
                           "\\connect \"\""}) {
    INFO(line);
    CHECK(error_of(plain_head() + line + "\n" + plain_tail()).starts_with("hostile: line 9 has "));
  }
  CHECK(error_of("SELECT 1;\nSELECT 2 \\gexec\n") ==
        "hostile: line 2 has the psql command \\gexec, which no dump needs");
  CHECK(error_of("SELECT 1; \\connect app\n").starts_with("hostile: line 1 "));
  CHECK(error_of("\\! true") == "hostile: line 1 has the psql command \\!, which no dump needs");
  CHECK(error_of("\\secret words\n") == "hostile: line 1 has a psql command, which no dump needs");
}

TEST_CASE("what stands between restrict and unrestrict is SQL only") {
  CHECK(error_of("\\restrict aB1\nSELECT 1;\n\\unrestrict aB1\n\\connect app\n").empty());
  CHECK(error_of("\\restrict aB1\n\\connect app\n") ==
        "hostile: line 2 has a psql command between \\restrict and \\unrestrict, which no dump "
        "needs");
  CHECK(error_of("\\restrict aB1\n\\restrict aB2\n").starts_with("hostile: line 2 "));
  CHECK(error_of("\\restrict aB1\n\\encoding SQL_ASCII\n").starts_with("hostile: line 2 "));
  CHECK(error_of("\\restrict aB1\n\\unrestrict aB\n") ==
        "hostile: line 2 has an \\unrestrict with another key than its \\restrict, which no dump "
        "needs");
  CHECK(error_of("\\unrestrict aB\n") == "damaged: the \\unrestrict in line 1 has no \\restrict");
  CHECK(error_of("\\restrict aB1\nSELECT 1;\n") ==
        "truncated: the dump ends in line 3, inside of its end mark");
  CHECK(error_of("\\restrict aB1\n\\unrestr") ==
        "truncated: the dump ends in line 2, inside of a psql command");
}
