// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/sqlite_pragma.h"

namespace backproof {

// How many rows a table has, counted by reading it. Of a virtual table: `damaged` when its module
// cannot open or read it, `missing_tool` when the module is not here or cannot count.
Result<std::uint64_t> count_rows(sqlite::Connection& connection, const SqliteTable& table);

// What the module of a virtual table finds wrong in it, where it can be asked without writing:
// that is R-tree. (FTS5's and FTS4's own checks are INSERT statements.)
FindingList ask_module(sqlite::Connection& connection, const SqliteCatalog& catalog,
                       const SqliteTable& table);

// A name as it is told: one of more than 300 bytes is cut, and a digest keeps it apart from others.
std::string shown_name(const std::string& name);

}  // namespace backproof
