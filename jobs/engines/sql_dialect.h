// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace backproof {

// Whether SQL text that no tool's head names is for PostgreSQL: by statements, types and names that
// SQLite does not have. False for the sqlite3 shell's own dumps, whatever words their values hold.
bool speaks_postgresql(std::string_view text);

}  // namespace backproof
