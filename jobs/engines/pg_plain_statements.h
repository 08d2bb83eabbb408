// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engines/pg_dump.h"

namespace backproof {

// What a statement is to a reader of plain dumps.
enum class PlainStatement {
  other,
  setting,          // SET, and set_config
  before_database,  // of a dump that makes its database: drops the old one
  create_database,
  copy_in,       // COPY ... FROM stdin
  copy_outside,  // COPY from or to anything else
};
PlainStatement kind_of_statement(std::string_view sql);

// SET name = 'value', in small letters and without the quotes; empty when it is none.
struct PlainSetting {
  std::string name, value;
};
PlainSetting read_setting(std::string_view sql);

// What CREATE DATABASE says of the database: its name and locale.
struct CreatedDatabase {
  std::string database, locale;
};
CreatedDatabase created_database(std::string_view sql);

// Characters of this client encoding may have a backslash as their second byte.
bool has_double_bytes(std::string_view encoding);

}  // namespace backproof
