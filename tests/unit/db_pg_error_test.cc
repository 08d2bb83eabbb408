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
  CHECK(cause("53200", "out of memory") == Cause::space);
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
