// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_connect.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace backproof {
namespace {

// Pragmas that only read. The last three are asked by the FTS and R-tree modules themselves.
constexpr std::array<std::string_view, 14> readable_pragmas{
    "application_id",   "user_version", "integrity_check", "quick_check", "foreign_key_check",
    "foreign_key_list", "table_list",   "table_xinfo",     "index_list",  "index_xinfo",
    "page_count",       "encoding",     "page_size",       "data_version"};

bool same_word(std::string_view a, const char* b) {
  return b != nullptr && sqlite3_stricmp(std::string(a).c_str(), b) == 0;
}

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
    // Full-text and R-tree tables prepare their writing statements when they are opened to read.
    // Nothing can be written all the same: the file is open read-only, and query_only is on.
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    // rtreecheck() reads within a transaction of its own.
    case SQLITE_TRANSACTION:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return same_word("load_extension", second) ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
      return std::ranges::any_of(readable_pragmas,
                                 [&](std::string_view name) { return same_word(name, first); })
                 ? SQLITE_OK
                 : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

void harden(sqlite3* db) {
  for (const auto& [option, value] :
       {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        std::pair{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}})
    sqlite3_db_config(db, option, value, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
}

}  // namespace

Result<sqlite::Connection> connect_readonly(const Path& file) {
  sqlite::bound_memory();
  TRY_ASSIGN(
      sqlite::Connection connection,
      sqlite::Connection::open(sqlite::uri_of(file, "mode=ro&immutable=1"), SQLITE_OPEN_READONLY));
  harden(connection.handle());
  // The largest mapping that this SQLite was built for; it reads the rest with pread. Temporary
  // tables stay in memory, because the jail has no place for files of SQLite's own.
  TRY(
      connection.run("PRAGMA mmap_size = 281474976710656; PRAGMA temp_store = MEMORY;"
                     "PRAGMA query_only = ON"));
  sqlite3_set_authorizer(connection.handle(), &authorize, nullptr);
  return connection;
}

Result<void> check_cells(sqlite::Connection& connection) {
  sqlite3_set_authorizer(connection.handle(), nullptr, nullptr);
  auto done = connection.run("PRAGMA cell_size_check = ON");
  sqlite3_set_authorizer(connection.handle(), &authorize, nullptr);
  return done;
}

namespace {

// What a database may use and this program does not have.
bool is_missing_here(std::string_view message) {
  return message.starts_with("no such collation sequence") ||
         message.starts_with("unknown function") || message.starts_with("no such function") ||
         message.starts_with("no such module") || message.starts_with("unknown tokenizer") ||
         message.starts_with("no such tokenizer");
}

}  // namespace

bool is_own_trouble(const sqlite::Connection& connection) {
  switch (sqlite3_errcode(connection.handle()) & 0xff) {
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_INTERRUPT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_AUTH:
    case SQLITE_PERM:
    case SQLITE_MISUSE:
      return true;
    case SQLITE_ERROR:
      return is_missing_here(sqlite3_errmsg(connection.handle()));
    default:
      return false;
  }
}

Error own_trouble(const sqlite::Connection& connection, std::string_view doing) {
  Error error = connection.error(doing);
  error.text = text::printable(error.text);
  if (is_missing_here(sqlite3_errmsg(connection.handle()))) {
    error.cause = Cause::missing_tool;
    error.hint = "the database needs a collation, function or module of its application";
  }
  return error;
}

}  // namespace backproof
