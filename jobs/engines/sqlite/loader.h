// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/inflate.h"
#include "engines/sql_splitter.h"
#include "model/event.h"

namespace backproof {

// What a dump turned out to be while it was loaded.
struct LoadedDump {
  std::uint64_t statements = 0;
  bool began = false;                        // some statement was BEGIN
  bool committed = false;                    // nothing that changes data follows the last COMMIT
  bool rolled_back = false;                  // some statement was ROLLBACK
  bool unfinished = false;                   // text behind the last semicolon is no comment
  std::vector<std::string> ignored_pragmas;  // names, each once
};

// Loads SQL text into a new database `file` of at most `budget` bytes, statement by statement
// through the library: no shell, so a dot command is an error (hostile), and so are ATTACH,
// VACUUM INTO and load_extension, refused by the authorizer. Stops at the first error:
// restore_error with the statement's number and SQLite's words, never values; missing_tool for a
// function or module that this SQLite has not and the schema needs; space where a statement or a
// value is longer than memory allows, which is sqlite::memory_limit with the windows of `content`.
Result<LoadedDump> load_sqlite_dump(ByteSource& content, const Path& file, std::uintmax_t budget,
                                    const RunContext& context);

}  // namespace backproof
