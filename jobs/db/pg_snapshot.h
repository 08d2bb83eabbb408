// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"
#include "db/pg_connection.h"
#include "db/pg_facts.h"

// A database in production, as it was at one moment.
namespace backproof {

// Which database, and which moment.
struct PgSource {
  std::string conninfo;  // of libpq; a password in it is never shown
  std::string database;  // empty: the one that conninfo names
  // One that a session of another tool exported and still holds; empty: now.
  std::string snapshot;
  std::size_t sessions = 2;  // that read tables, beside the one that holds the snapshot
};

// Sessions on one snapshot of a database that others go on using. Nothing is written, not even a
// temporary table. All user tables are locked against being dropped or rewritten (ACCESS SHARE, as
// pg_dump does) until the object is gone. Rows that row level security would hide are an Error, and
// so is a server that is not PostgreSQL 12 or newer (version). Else errors have cause fetch, space,
// timeout or, for a question, what Database::ask() says. One thread; facts() uses more while it
// runs.
class PgSnapshot {
 public:
  static Result<PgSnapshot> open(const PgSource& source);

  // For pg_dump --snapshot, as long as this object lives.
  const std::string& id() const { return id_; }
  // Empty where the user may not ask for it.
  const std::string& system_identifier() const { return system_identifier_; }
  const std::string& database() const { return database_; }
  const std::string& server_version() const { return server_version_; }  // "15.20"
  const std::string& encoding() const { return encoding_; }              // "UTF8"
  // When the transaction began: the moment of a snapshot of our own, a little later than that of an
  // adopted one. By the server's clock.
  TimePoint taken() const { return taken_; }

  // Of the tables whose rows a dump of pg_dump brings back, as self_check() names them: without
  // what pg::Table::in_dumps leaves out.
  Result<std::vector<TableFact>> facts(
      const FactsWanted& wanted,
      const std::function<void(std::uintmax_t, std::uintmax_t)>& progress);
  // As Database::ask(). Whatever is asked, the snapshot stays.
  Result<Answer> ask(const Question& question);

 private:
  PgSnapshot(PgSource source, pg::Connection holder)
      : source_(std::move(source)), holder_(std::move(holder)) {}
  Result<void> describe();
  Result<void> lock_tables();

  PgSource source_;
  pg::Connection holder_;  // of the snapshot
  std::string id_, system_identifier_, database_, server_version_, encoding_;
  TimePoint taken_;
  std::vector<pg::Table> tables_;  // of which facts are
};

}  // namespace backproof
