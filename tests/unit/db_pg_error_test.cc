// SPDX-License-Identifier: Apache-2.0
#include "db/pg_error.h"

#include "support/catch.h"

using namespace backproof;

TEST_CASE("an error of PostgreSQL names its objects and never a value") {
  pg::ErrorFields fields;
  fields.sqlstate = "23505";
  fields.message = "duplicate key value (secret@example.org)";
  fields.schema = "public";
  fields.table = "users";
  fields.constraint = "users_email_key";
  const Error error = pg::error_of(fields, Cause::restore_error);
  CHECK(error.cause == Cause::restore_error);
  CHECK(error.text ==
        "duplicate key (SQLSTATE 23505), constraint users_email_key, table public.users");
}

TEST_CASE("messages that only name objects are told, and made fit for a terminal") {
  pg::ErrorFields fields;
  fields.sqlstate = "42P01";
  fields.message = "relation \"a\x1b[2J\" does not exist";
  const Error error = pg::error_of(fields, Cause::restore_error);
  CHECK(error.text == "no such table (SQLSTATE 42P01): relation \"a\\x1b[2J\" does not exist");
}

TEST_CASE(
    "a message about a name that a row holds is not told, one about what a statement names is") {
  const auto told = [](const char* sql, const char* function, const char* context = "") {
    pg::ErrorFields fields;
    fields.sqlstate = "42704";
    fields.message = "role \"s3cret\" does not exist";
    fields.sql = sql;
    fields.function = function;
    fields.context = context;
    return pg::error_of(fields, Cause::restore_error).text.find("s3cret") != std::string::npos;
  };
  CHECK(told("ALTER TA", "get_role_oid"));
  CHECK(told("INSERT I", "parserOpenTable"));
  CHECK(told("select c", "errorMissingColumn"));
  CHECK_FALSE(told("INSERT I", "get_role_oid"));
  CHECK_FALSE(told("insert i", "errorMissingColumn"));
  CHECK_FALSE(told("SELECT '", "typenameType"));
  CHECK_FALSE(told("COPY pub", "get_role_oid", "COPY t, line 1, column a: \"s3cret\""));
}

TEST_CASE("what code of a database raises is told by its code alone") {
  pg::ErrorFields fields;
  fields.sqlstate = "42704";
  fields.message = fields.constraint = fields.table = "s3cret";
  fields.sql = "ALTER TA";
  fields.context = "PL/pgSQL function f() line 1 at RAISE\nCOPY t, line 1: \"s3cret\"";
  const std::string text = "no such object (SQLSTATE 42704), in code of the database";
  CHECK(pg::error_of(fields, Cause::restore_error).text == text);
  fields.context = "";
  fields.function = "exec_stmt_raise";
  CHECK(pg::error_of(fields, Cause::restore_error).text == text);
}

TEST_CASE("an unknown error is told by its code alone") {
  pg::ErrorFields fields;
  fields.sqlstate = "22023";
  fields.message = "value 42 of a row";
  CHECK(pg::error_of(fields, Cause::restore_error).text == "error (SQLSTATE 22023)");
}

TEST_CASE("what the server lacks is not the backup's fault") {
  const auto cause = [](const char* sqlstate, const char* message) {
    pg::ErrorFields fields;
    fields.sqlstate = sqlstate;
    fields.message = message;
    return pg::error_of(fields, Cause::restore_error).cause;
  };
  CHECK(cause("53100", "could not extend file") == Cause::space);
  CHECK(cause("XX000", "could not extend file \"base/5/16384\": File too large") == Cause::space);
  CHECK(cause("XX000", "could not open file \"base/5/16384\": Is a directory") ==
        Cause::restore_error);
  CHECK(cause("53200", "out of memory") == Cause::space);
  CHECK(cause("53200", "out of shared memory") == Cause::space);
  CHECK(cause("53200", "could not execute command") == Cause::restore_error);
  CHECK(cause("57014", "canceling statement") == Cause::timeout);
  CHECK(cause("57P01", "terminating connection") == Cause::crashed);
  CHECK(cause("", "") == Cause::crashed);
  CHECK(cause("08001", "could not establish connection") == Cause::restore_error);
  CHECK(cause("42601", "syntax error") == Cause::restore_error);
}

TEST_CASE("a missing role is recognised, and only that") {
  const auto role = [](const char* sqlstate, const char* message) {
    pg::ErrorFields fields;
    fields.sqlstate = sqlstate;
    fields.message = message;
    return pg::missing_role(fields);
  };
  CHECK(role("42704", "role \"app\" does not exist") == "app");
  CHECK(role("22023", "role \"a \"b\" c\" does not exist") == "a \"b\" c");
  CHECK(role("42704", "type \"app\" does not exist").empty());
  CHECK(role("42501", "role \"app\" does not exist").empty());
}
