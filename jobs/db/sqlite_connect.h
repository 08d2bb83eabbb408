// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/sqlite.h"

namespace backproof {

// A connection to a hostile database file that nobody else writes: read-only, immutable, memory
// mapped, defensive (https://sqlite.org/security.html). Statements may read and call functions;
// what changes the schema, attaches or loads is refused by the authorizer, and other writing fails
// when it runs. One thread.
Result<sqlite::Connection> connect_readonly(const Path& file);

// Pages are checked more closely when they are read: for questions about content that was not
// examined before. The examination itself does this checking on its own.
Result<void> check_cells(sqlite::Connection& connection);

// True for trouble of our own (memory, I/O, what this program does not have): it says nothing
// about the database. Everything else that SQLite reports about a file is a fact of the file.
bool is_own_trouble(const sqlite::Connection& connection);

// The connection's last error as own trouble: `space` or `missing_tool` with a hint, as it is.
Error own_trouble(const sqlite::Connection& connection, std::string_view doing);

}  // namespace backproof
