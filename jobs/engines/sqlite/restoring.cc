// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/restoring.h"

#include <sqlite3.h>

namespace backproof {

Result<sqlite::Connection> open_for_restoring(const Path& file) {
  TRY_ASSIGN(sqlite::Connection connection, sqlite::Connection::open(file.native()));
  sqlite3* const db = connection.handle();
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, longest_value);
  return connection;
}

}  // namespace backproof
