// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/pg/dump.h"

namespace backproof {

// What a statement is to a reader of dumps.
enum class StatementKind {
  other,
  setting,          // is_setting()
  before_database,  // of a dump that makes its database: drops the old one
  create_database,
  copy_in,       // COPY ... FROM stdin
  copy_outside,  // COPY from or to anything else
};
StatementKind kind_of_statement(std::string_view sql);

// Whether the statement changes nothing but settings of its session.
bool is_setting(std::string_view sql);

// COPY table [(column, ...)] FROM stdin. Views are into `sql`.
struct SqlCopyIn {
  std::string_view table;            // as written
  std::vector<std::string> columns;  // none where the statement names none
  bool as_text = false;              // rows in the text format, with its own separators
};
// Nothing for any other statement, and for one with names in a form that pg_dump does not write.
std::optional<SqlCopyIn> read_copy_in(std::string_view sql);

// SET name = 'value', in small letters and without the quotes; empty when it is none.
struct SqlSetting {
  std::string name, value;
};
SqlSetting read_setting(std::string_view sql);

// What CREATE DATABASE says of the database; empty what it does not say.
struct CreatedDatabase {
  std::string name, encoding, locale, tablespace;
  std::string locale_options;  // all that is said of it, written by us: " LC_CTYPE = E'C'"
};
CreatedDatabase created_database(std::string_view sql);

// Characters of this client encoding may have a backslash as their second byte.
bool has_double_bytes(std::string_view encoding);

}  // namespace backproof
