// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/words.h"

#include "engines/pg/sql_statements.h"
#include "engines/sql_dialect.h"
#include "support/catch.h"

using namespace backproof;

TEST_CASE("keywords are taken in any case, whole, and behind comments") {
  PgWords words("/* a */ Create -- b\n  INDEX indexes");
  CHECK(words.take("CREATE"));
  CHECK_FALSE(words.take("IND"));
  CHECK(words.take("index"));
  CHECK_FALSE(words.take("INDEX"));
  CHECK(words.rest() == "indexes");
}

TEST_CASE("several keywords are taken together or not at all") {
  PgWords words("ALTER TABLE ONLY a.b");
  CHECK_FALSE(words.take("ALTER", "TABLE", "IF"));
  CHECK(words.take("ALTER", "TABLE", "ONLY"));
}

TEST_CASE("names come as they are written, with quotes and qualification") {
  PgWords words(R"(public."a ""b"".c".d (x))");
  const auto name = words.name();
  REQUIRE(name);
  CHECK(*name == R"(public."a ""b"".c".d)");
  CHECK_FALSE(words.name());
  CHECK(words.take("("));
  CHECK(is_qualified(R"(public."a.b")"));
  CHECK_FALSE(is_qualified(R"("a.b")"));
  CHECK(unquoted(R"(public."a ""b"")") == "a \"b\"");
  CHECK(unquoted("Users") == "users");
}

TEST_CASE("a name whose quote has no end is none") {
  CHECK_FALSE(PgWords("\"open").name());
  CHECK_FALSE(PgWords("a.\"open").name());
  CHECK_FALSE(PgWords("'text'").name());
}

TEST_CASE("a text comes without its quotes") {
  PgWords words("'it''s' rest");
  CHECK(words.text() == std::optional<std::string>("it's"));
  CHECK(words.rest() == "rest");
  CHECK_FALSE(PgWords("'open").text());
}

TEST_CASE("a text with escapes comes without them") {
  PgWords words(R"(E'it\'s \\''' , e'open\')");
  CHECK(words.text() == std::optional<std::string>(R"(it's \')"));
  CHECK(words.take(","));
  CHECK_FALSE(words.text());
}

TEST_CASE("skipping goes past one word, name, text or other character") {
  PgWords words(R"(one "two ""2""" 'it''s' E'\'' /* a /* nested */ one */ + three."4" 'open)");
  for (const char* rest : {"\"two", "'it", "E'", "+", "three", ".", "\"4", "'open", ""}) {
    words.skip();
    CHECK(words.rest().starts_with(rest));
  }
  CHECK(words.at_end());
  words.skip();
  CHECK(words.at_end());
}

TEST_CASE("what CREATE DATABASE says is read whatever its order") {
  const auto created = created_database(
      R"(CREATE DATABASE "a ""b""" WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'C')"
      R"( LC_CTYPE 'x';)");
  CHECK(created.name == "a \"b\"");
  CHECK(created.encoding == "UTF8");
  CHECK(created.locale == "C");
  CHECK(created_database("CREATE DATABASE d LC_COLLATE 'C' LOCALE de").locale == "de");
  CHECK(created_database("CREATE TABLE d(a int)").name.empty());
}

TEST_CASE("only COPY of a table from stdin comes with rows") {
  const auto copy = read_copy_in("COPY public.\"a b\" (id, \"Odd, )\", X) FROM stdin;\n");
  REQUIRE(copy);
  CHECK(copy->table == "public.\"a b\"");
  CHECK(copy->columns == std::vector<std::string>{"id", "Odd, )", "x"});
  CHECK(copy->as_text);
  CHECK(kind_of_statement("copy t from STDIN") == StatementKind::copy_in);
  const auto csv = read_copy_in("COPY t FROM stdin WITH (DELIMITER ',') -- stdin\n;");
  REQUIRE(csv);
  CHECK_FALSE(csv->as_text);
  for (const char* sql :
       {"COPY (SELECT $a$ ) FROM STDIN $a$) TO PROGRAM 'id';", "COPY t TO stdout",
        "COPY (SELECT '\\') FROM STDIN --') TO PROGRAM 'id'\n;", "COPY t FROM PROGRAM 'id'",
        "COPY public.t FROM PROGRAM 'id' WHERE a IS DISTINCT FROM stdin;",
        "COPY public.t (U&\"x\") FROM stdin", "COPY t FROM '/etc/passwd'"})
    CHECK(kind_of_statement(sql) == StatementKind::copy_outside);
}

TEST_CASE("settings are told from what changes data") {
  for (const char* sql : {"SET search_path = a", "set session authorization 'x'", "RESET ALL",
                          "SELECT set_config('a', 'b', false)",
                          "SELECT pg_catalog.set_config('search_path', '', false);"})
    CHECK(is_setting(sql));
  for (const char* sql :
       {"SET LOCAL x = 1", "SET CONSTRAINTS ALL DEFERRED", "SET TRANSACTION READ ONLY",
        "SELECT pg_catalog.setval('s', 1)", "SETTINGS", "UPDATE t SET a = 1",
        "SELECT set_config('a.b', 'c', false), f();", "SELECT set_config('a', f(), false)"})
    CHECK_FALSE(is_setting(sql));
}

TEST_CASE("SQL for PostgreSQL is told from SQL for SQLite by what only one of them has") {
  CHECK(speaks_postgresql("SET client_encoding = 'UTF8';\nCREATE TABLE t(a int);"));
  CHECK(speaks_postgresql("CREATE TABLE t(id BigSerial, at timestamptz);"));
  CHECK(speaks_postgresql("COPY t FROM stdin;\n1\n\\.\n"));
  CHECK_FALSE(speaks_postgresql("CREATE TABLE t(a INTEGER PRIMARY KEY);"));
  CHECK_FALSE(speaks_postgresql(
      "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nINSERT INTO t VALUES('create extension x');"));
}
