// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/sqlite.h"
#include "model/event.h"

namespace backproof {

// A snapshot of a database that other processes write to: one read transaction, from open() until
// destruction. Nothing is written to it. In WAL mode its writers go on; with a rollback journal
// they wait, which is how SQLite keeps a snapshot there. One thread.
class SqliteLive {
 public:
  // Errors: no such file, no database, locked for longer than a minute.
  static Result<SqliteLive> open(const Path& file);

  sqlite::Connection& connection() { return connection_; }
  // The snapshot into `file`, which exists and is empty, by the online backup
  // (https://sqlite.org/backup.html); with a rollback journal, whatever the source has, so that
  // nothing beside the file belongs to it.
  Result<void> copy_to(const Path& file, const RunContext& context);

 private:
  explicit SqliteLive(sqlite::Connection connection) : connection_(std::move(connection)) {}
  sqlite::Connection connection_;
};

}  // namespace backproof
