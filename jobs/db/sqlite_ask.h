// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sqlite.h"
#include "db/database.h"

namespace backproof {

// Database::ask() of any connection to SQLite. The authorizer of the connection says what may be
// asked; statements that write are refused here, too.
Result<Answer> ask_sqlite(sqlite::Connection& connection, const Question& question,
                          const Clock& clock);

}  // namespace backproof
