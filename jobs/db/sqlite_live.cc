// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_live.h"

#include <sqlite3.h>

#include <array>
#include <memory>

#include "base/text.h"

namespace backproof {
namespace {

struct FinishBackup {
  void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

}  // namespace

Result<SqliteLive> SqliteLive::open(const Path& file) {
  // SQLite would make a database of a missing file, and an empty file is one to it (F12).
  TRY_ASSIGN(const Fd there, open_readonly(file));
  TRY_ASSIGN(const FileFacts facts, facts_of(there.get()));
  std::array<unsigned char, 16> head{};
  std::size_t read = 0;
  if (facts.is_regular()) {
    TRY_ASSIGN(read, read_at(there.get(), head, 0));
  }
  // SQLite takes a file of less than a page for an empty database, whatever it holds.
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  if (as_text({head.data(), read}) != magic)
    return Error{Cause::wrong_format,
                 text::printable(file.native()) + " is no SQLite database" +
                     (facts.is_regular() && read == 0 ? ": it has 0 bytes"
                      : read == 0                     ? ": it has no content"
                                                      : ", or an encrypted one"),
                 ""};
  TRY_ASSIGN(sqlite::Connection connection,
             sqlite::Connection::open(sqlite::uri_of(file, "mode=ro"), SQLITE_OPEN_READONLY));
  constexpr int patience_ms = 60'000;
  sqlite3_busy_timeout(connection.handle(), patience_ms);
  sqlite3_db_config(connection.handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TRY(connection.run("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; BEGIN"));
  // What begins the transaction is the first reading.
  TRY(connection.integer("SELECT count(*) FROM sqlite_schema"));
  return SqliteLive(std::move(connection));
}

Result<void> SqliteLive::copy_to(const Path& file, const RunContext& context) {
  TRY_ASSIGN(sqlite::Connection copy, sqlite::Connection::open(file.native()));
  // Whether it is whole is decided when it is: a crash leaves a file without a name.
  TRY(copy.run("PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF"));
  {
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(
        sqlite3_backup_init(copy.handle(), "main", connection_.handle(), "main"));
    if (!backup) return copy.error("cannot begin the backup");
    constexpr int pages_at_once = 4096;
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
      code = sqlite3_backup_step(backup.get(), pages_at_once);
      const int total = sqlite3_backup_pagecount(backup.get());
      context.progress(static_cast<std::uintmax_t>(total - sqlite3_backup_remaining(backup.get())),
                       static_cast<std::uintmax_t>(total));
    }
    if (code != SQLITE_DONE)
      return Error{code == SQLITE_FULL || code == SQLITE_IOERR ? Cause::space : Cause::internal,
                   std::string("cannot copy the database: ") + sqlite3_errstr(code), ""};
  }
  return copy.run("PRAGMA journal_mode = DELETE");
}

}  // namespace backproof
