// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "db/pg_connection.h"

// Databases of runs on a server that is not ours. Each bears a mark, a comment, and what has none
// is never touched. The name's prefix alone finds those that runs have left.
namespace backproof::pg {

inline constexpr const char* own_prefix = "backproof_";

// Makes one by calling `create`, and marks it. Errors are never the backup's: internal (a database
// of that name exists: it was not touched), missing_tool (the user may make none).
Result<void> make_own(Connection& connection, const std::string& name,
                      const std::function<Result<void>()>& create);

// Drops it, its sessions ended, if it is there and has the mark. An Error says why it stays.
Result<void> drop_own(Connection& connection, const std::string& name);

// Databases named like those of runs that nobody is connected to.
Result<std::vector<std::string>> unused_own(Connection& connection);

}  // namespace backproof::pg
