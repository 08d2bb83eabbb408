// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace backproof::pg {

// What PostgreSQL says of an error, field by field
// (https://www.postgresql.org/docs/current/protocol-error-fields.html). Empty where it says
// nothing.
struct ErrorFields {
  std::string sqlstate;  // "23505"; empty: the connection itself failed
  std::string message;   // may hold row values
  std::string schema, table, column, type, constraint;
  std::string context;   // what the server was doing: a row of COPY, a line of a function
  std::string function;  // of the server's source
  std::string sql;       // the beginning of the statement, where it is known
};

// An Error whose text holds SQLSTATE, condition and objects, and PostgreSQL's message only for
// conditions whose messages name objects and never values, of statements that hold no values. What
// code of the database raised is told by its SQLSTATE alone. Cause: space where the server ran out
// of disk, memory or locks or a file met its limit, timeout where it was cancelled, crashed where
// it is gone, else `cause`.
Error error_of(const ErrorFields& fields, Cause cause);

// The role that is missing, when that is what the error says; empty otherwise. Messages are in
// English: lc_messages is C.
std::string missing_role(const ErrorFields& fields);

}  // namespace backproof::pg
