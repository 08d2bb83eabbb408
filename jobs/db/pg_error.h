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
};

// An Error whose text holds SQLSTATE, condition and objects, and PostgreSQL's message only for
// conditions whose messages name objects and never values. Cause: space where the server ran out of
// disk or memory, timeout where it was cancelled, crashed where it is gone, else `cause`.
Error error_of(const ErrorFields& fields, Cause cause);

// The role that is missing, when that is what the error says; empty otherwise. Messages are in
// English: lc_messages is C.
std::string missing_role(const ErrorFields& fields);

}  // namespace backproof::pg
