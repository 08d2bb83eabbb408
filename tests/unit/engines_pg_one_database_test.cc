// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/one_database.h"

#include "support/catch.h"

using namespace backproof;

TEST_CASE("statements about what the databases of a server share are told from the others") {
  for (const char* sql : {"CREATE DATABASE d;",
                          "create database d",
                          "ALTER DATABASE d OWNER TO u",
                          "DROP DATABASE d",
                          "CREATE ROLE r",
                          "ALTER ROLE r SET a = 1",
                          "CREATE USER u",
                          "DROP GROUP g",
                          "CREATE TABLESPACE t LOCATION '/'",
                          "ALTER SYSTEM SET a = 1",
                          "CREATE SUBSCRIPTION s",
                          "GRANT a TO b",
                          "REVOKE a FROM b",
                          "GRANT \"ON\" TO b",
                          "GRANT CONNECT ON DATABASE d TO u",
                          "COMMENT ON DATABASE d IS 'x'",
                          "SECURITY LABEL FOR p ON ROLE r IS 'x'",
                          "/* CREATE TABLE */ CREATE /* */ DATABASE d",
                          "CREATE SCHEMA s CREATE TABLE a () GRANT ALL ON DATABASE d TO u",
                          "CREATE SCHEMA s CREATE TABLE a (b text DEFAULT $$'$$) GRANT ALL ON "
                          "DATABASE d TO u",
                          "CREATE SCHEMA AUTHORIZATION u GRANT ALL ON DATABASE d TO u",
                          "DROP OWNED BY u",
                          "REASSIGN OWNED BY u TO v"}) {
    INFO(sql);
    CHECK(is_about_the_server(sql));
  }
  for (const char* sql :
       {"CREATE TABLE database (a int)", "CREATE USER MAPPING FOR u SERVER s",
        "CREATE SERVER s FOREIGN DATA WRAPPER w", "ALTER TABLE a OWNER TO u",
        "GRANT SELECT ON TABLE a TO u", "COMMENT ON TABLE a IS 'on database'", "SET role = 'u'",
        "CREATE SCHEMA s AUTHORIZATION u;", "CREATE SCHEMA IF NOT EXISTS \"s t\"",
        "CREATE SCHEMA "
        "AUTHORIZATION u",
        "SELECT 'CREATE DATABASE d'",
        "ALTER DEFAULT PRIVILEGES FOR ROLE u GRANT SELECT ON TABLES TO v"}) {
    INFO(sql);
    CHECK_FALSE(is_about_the_server(sql));
  }
}

TEST_CASE("a dump for one database may not connect to another") {
  OneDatabase sink;
  const DumpPlace at{DumpPlace::Unit::line, 7};
  CHECK(sink.statement("CREATE TABLE a ();", at));
  const auto refused = sink.connect("postgres", at);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::isolation);
  CHECK(refused.error().text.find("line 7") != std::string::npos);
}
