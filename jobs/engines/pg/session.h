// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/pg_connection.h"
#include "engines/pg/dump.h"
#include "sandbox/pg_server.h"

namespace backproof {

// The session in which a dump's statements are executed one by one, and one beside it in which we
// look things up, so that nothing that the dump sets changes our own questions. What a new server
// lacks on purpose is arranged on the way: roles that are named and not created, places of
// tablespaces, locales. One thread.
class PgSession {
 public:
  static Result<PgSession> open(const PgServer& server, const std::string& database);

  // Executes a statement of the dump. Causes beside those of pg::Connection: missing_tool (an
  // extension that is not installed), hostile (a statement that no dump needs).
  // `clearing`: it stands before the first object of a dump made with --clean.
  Result<void> execute(const std::string& sql, bool clearing = false);
  const PgServer& server() const { return server_; }
  const std::string& database() const { return database_; }
  pg::Connection& main() { return main_; }
  pg::Connection& aside() { return aside_; }
  // SET, RESET and set_config so far: what another session needs to understand the dump alike.
  const std::vector<std::string>& settings() const { return settings_; }
  // Roles made and other notes since the last call.
  std::vector<std::string> take_roles() { return std::exchange(roles_, {}); }
  std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }

 private:
  PgSession(PgServer server, std::string database, pg::Connection main, pg::Connection aside)
      : server_(std::move(server)),
        database_(std::move(database)),
        main_(std::move(main)),
        aside_(std::move(aside)) {}
  Result<void> set(const std::string& sql);
  Result<void> provide_tablespace(const std::string& name);
  Result<void> run_with_roles(const std::string& sql);
  bool lacks_role_or_right(const std::string& sql);
  Result<void> run_with_superuser(const std::string& sql);
  Result<void> create_extension(const std::string& sql);
  Result<void> create_database(const std::string& sql);

  PgServer server_;
  std::string database_;
  pg::Connection main_, aside_;
  std::vector<std::string> settings_, notes_;
  std::vector<std::string> roles_, made_;  // not yet taken, and all
};

// CREATE DATABASE with the encoding and locale of this head, from template0; where the server lacks
// the locale, with C instead, and `notes` says so. No locale: the order of C and, where the
// encoding is UTF-8, its letters. No encoding: UTF-8.
Result<void> create_database(pg::Connection& connection, const std::string& name,
                             const DumpHeader& like, std::vector<std::string>& notes);

}  // namespace backproof
