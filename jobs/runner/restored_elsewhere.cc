// SPDX-License-Identifier: Apache-2.0
#include "runner/restored_elsewhere.h"

#include "db/pg_connection.h"
#include "db/pg_database.h"

namespace backproof {

Result<std::string> start_empty_server(Keeper& keeper) {
  TRY_ASSIGN(const PgServer server, keeper.start_server(0));
  TRY_ASSIGN(auto connection, pg::Connection::open(server.conninfo, server.entry));
  // Which every new cluster has, and dumps give things to.
  TRY(connection.run("CREATE ROLE postgres SUPERUSER LOGIN"));
  TRY(connection.run("CREATE DATABASE " + server.database + " TEMPLATE template0"));
  return server.database;
}

Result<std::unique_ptr<Database>> open_restored(Keeper& keeper, const std::string& database) {
  if (!keeper.server()) return Error{Cause::internal, "there is no server", ""};
  const PgServer& server = *keeper.server();
  auto entry = pg::Connection::open(server.conninfo, server.entry);
  if (!entry) return keeper.trouble().value_or(entry.error());
  TRY_ASSIGN(const pg::Rows there,
             entry->query("SELECT 1 FROM pg_catalog.pg_database WHERE datname = $1", {database}));
  if (there.empty())
    return Error{Cause::restore_error, "there is no database " + database + " any more", ""};
  return open_pg_database(server.conninfo, {{database, {}, {}}}, {});
}

}  // namespace backproof
