// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "base/file.h"
#include "base/sqlite.h"

namespace backproof {

// One piece of work on a connection that no other thread uses meanwhile.
using SqliteTask = std::function<void(sqlite::Connection&)>;

// Does all tasks, started in their order on `threads` threads including the calling one, and
// returns when the last has ended. An Error when there was no connection to do them with.
Result<void> do_tasks(const Path& file, unsigned threads, const std::vector<SqliteTask>& tasks);

}  // namespace backproof
