// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/sqlite.h"
#include "model/look.h"
#include "model/run.h"
#include "model/snapshot.h"

// What is known of single backups. The caller holds the transaction where something is written.
namespace backproof::history {

// Takes a finished run into the row of its backup. One of a backup without an id changes nothing.
Result<void> note_backup(sqlite::Connection& db, const Run& run);
// Those of a target, by id.
Result<std::vector<BackupRecord>> read_backups(sqlite::Connection& db, const std::string& target);
// The source has these now.
Result<void> see_backups(sqlite::Connection& db, const std::string& target,
                         const std::vector<std::string>& ids, TimePoint now);
// Forgets what was neither seen nor tried since.
Result<void> forget_backups(sqlite::Connection& db, TimePoint before);

// What heads say, by id; replaces all that there was of the target.
Result<void> write_looks(sqlite::Connection& db, const std::string& target,
                         const std::vector<Look>& looks, TimePoint now);
Result<std::vector<Look>> read_looks(sqlite::Connection& db, const std::string& target);

}  // namespace backproof::history
