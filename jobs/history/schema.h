// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "base/sqlite.h"

// The file behind the history: how it is opened, recognised and brought up to date.
namespace backproof::history {

// PRAGMA application_id, "bprf": so that no other program's database is taken for ours.
inline constexpr std::int64_t application_id = 0x62707266;
// PRAGMA user_version of a file that this program writes.
std::int64_t schema_version();

// Opens the file read/write, makes it (0600) where it is missing or empty, and migrates an older
// one, each version in a transaction of its own. A file that is no history, damaged, read-only or
// of a newer version is an Error with a hint and stays as it is; no space left has cause space.
//
// The connection is in WAL mode with synchronous=FULL (https://sqlite.org/pragma.html): every
// commit has its log on the disk before it returns, so that what is finished stays finished after
// kill -9 and power loss. The default for WAL, NORMAL, could lose the last commits of the latter.
//
// Where a repair (history/repair.h) was killed after its new file was complete, its last step is
// done first.
Result<sqlite::Connection> open_database(const Path& file);

// What is wrong with the pages of a history that exists, in SQLite's words; nothing where it opens.
// An Error where it cannot be opened for another reason.
Result<std::optional<std::string>> damage_of(const Path& file);

// Held by whoever makes, migrates or replaces the file; ends with the descriptor. Where the file
// system has no such locks, or the folder is missing, it is none.
Fd lock_folder_of(const Path& file);

}  // namespace backproof::history
