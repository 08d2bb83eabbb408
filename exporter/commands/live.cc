// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/live.h"

#include <CLI/CLI.hpp>

#include "sandbox/named_server.h"

namespace backproof {

void LiveOptions::add_to(CLI::App& app) {
  CLI::Option* file =
      app.add_option("--sqlite", sqlite, "a live SQLite database")->type_name("FILE");
  app.add_option("--postgres", postgresql,
                 "a live PostgreSQL database: postgresql://user@host:port/database, no password")
      ->type_name("URL")
      ->excludes(file);
  app.add_option("--password-file", password_file, "file with the password for --postgres")
      ->type_name("FILE")
      ->excludes(file);
}

Result<LiveDatabase> LiveOptions::database() const {
  if (sqlite.empty() == postgresql.empty())
    return Error{Cause::internal, "no database is named", "add --sqlite FILE or --postgres URL"};
  if (!postgresql.empty()) TRY(check_named_server(postgresql));
  return LiveDatabase{sqlite, postgresql, password_file};
}

}  // namespace backproof
