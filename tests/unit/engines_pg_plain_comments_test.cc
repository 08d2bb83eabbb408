// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_comments.h"

#include "engines_pg_plain_events.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::string entry_of(PlainNames& names, std::string_view value) {
  const auto entry = names.read(value);
  return entry ? entry->type + "|" + entry->schema + "|" + entry->name + "|" + entry->owner
               : "nothing";
}
std::string entry_of(std::string_view value) {
  PlainNames names;
  return entry_of(names, value);
}

}  // namespace

TEST_CASE("the comment of an object names it") {
  CHECK(entry_of("users; Type: TABLE; Schema: app; Owner: joe") == "TABLE|app|users|joe");
  CHECK(entry_of("users; Type: TABLE; Schema: public; Owner: joe; Tablespace: fast") ==
        "TABLE|public|users|joe");
  CHECK(entry_of("app; Type: SCHEMA; Schema: -; Owner: -") == "SCHEMA||app|");
  CHECK(entry_of("users a\"b; x; Type: FK CONSTRAINT; Schema: public; Owner: ") ==
        "FK CONSTRAINT|public|users a\"b; x|");
  CHECK(entry_of("users") == "nothing");
  CHECK(entry_of("users; Type: table; Schema: a; Owner: b") == "nothing");
}

TEST_CASE("a name that looks like the rest of its comment is told by what is known") {
  const std::string line =
      "t; Type: VIEW; Schema: z; Owner: y; Type: TABLE; Schema: weird; Type: TABLE; Schema: "
      "public; "
      "Owner: x; Owner: joe";
  CHECK(entry_of(line) == "|||");
  PlainNames names;
  CHECK(entry_of(names, "a; Type: TABLE; Schema: public; Owner: joe") == "TABLE|public|a|joe");
  CHECK(entry_of(names,
                 "weird; Type: TABLE; Schema: public; Owner: x; Type: SCHEMA; Schema: -; "
                 "Owner: joe") == "SCHEMA||weird; Type: TABLE; Schema: public; Owner: x|joe");
  CHECK(
      entry_of(names, line) ==
      "TABLE|weird; Type: TABLE; Schema: public; Owner: x|t; Type: VIEW; Schema: z; Owner: y|joe");
  std::string endless = "a";
  for (int i = 0; i < 1000; ++i) endless += "; Type: A; Schema: b; Owner: c";
  CHECK(entry_of(names, endless) == "|||");
}

TEST_CASE("the head of a verbose dump says when it was made") {
  const Reading reading = read_plain(
      "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17beta1\n"
      "-- Dumped by pg_dump version 18.1 (Debian 18.1-1)\n\n"
      "-- Started on 2026-11-23 20:52:03 UTC\n\nSET client_encoding = 'LATIN1';\n\n--\n"
      "-- TOC entry 7 (class 2615 OID 16416)\n-- Dependencies: 227 3440\n"
      "-- Name: s; Type: SCHEMA; Schema: -; Owner: joe\n--\n\n"
      "-- Started on never\nSET client_encoding = 'UTF8';\n"
      "-- Completed on 2026-11-23 20:52:04 UTC\n\n" +
      plain_tail());
  REQUIRE(reading.error().empty());
  CHECK(reading.end->marked);
  CHECK(reading.recorder.events ==
        std::vector<std::string>{"header 17beta1|18.1||LATIN1||2026-11-23 20:52:03 UTC",
                                 "10 SET client_encoding = 'LATIN1';", "entry SCHEMA||s|joe",
                                 "19 SET client_encoding = 'UTF8';"});
}

TEST_CASE("comments inside of statements and of any length say nothing") {
  const std::string name = "-- Name: s; Type: SCHEMA; Schema: -; Owner: joe\n";
  const Reading reading = read_plain("SELECT\n" + name + "1;\n/* /* */\n" + name + "*/\n-- " +
                                     std::string(70000, 'x') + "\nSELECT 2;--");
  REQUIRE(reading.error().empty());
  CHECK(reading.recorder.events ==
        std::vector<std::string>{"header |||||", "1 SELECT\n" + name + "1;", "8 SELECT 2;"});
}
