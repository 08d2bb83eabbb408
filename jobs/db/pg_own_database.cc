// SPDX-License-Identifier: Apache-2.0
#include "db/pg_own_database.h"

#include "base/text.h"

namespace backproof::pg {
namespace {

constexpr const char* mark = "made by backproof for one verification";

Result<std::string> how_many(Connection& connection, const std::string& name) {
  return connection.scalar("SELECT count(*) FROM pg_catalog.pg_database WHERE datname = $1",
                           {name});
}

Error exists(const std::string& name) {
  return {Cause::internal, "the server has a database " + text::printable(name) + " already",
          "nothing was done to it; the next verification uses another name"};
}

}  // namespace

Result<void> make_own(Connection& connection, const std::string& name,
                      const std::function<Result<void>()>& create) {
  TRY_ASSIGN(const std::string there, how_many(connection, name));
  if (there != "0") return exists(name);
  TRY_ASSIGN(const std::string may,
             connection.scalar("SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = "
                               "current_user AND (rolcreatedb OR rolsuper)"));
  if (may == "0")
    return Error{Cause::missing_tool, "the user of sandbox.server may not make a database",
                 "ALTER ROLE ... CREATEDB"};
  if (const auto made = create(); !made) {
    if (connection.failed().sqlstate == "42P04") return exists(name);
    return Error{Cause::missing_tool,
                 "the server makes no database for the dump: " + made.error().text, ""};
  }
  return connection.run("COMMENT ON DATABASE " + text::quote_identifier(name) + " IS " +
                        literal(mark));
}

Result<void> drop_own(Connection& connection, const std::string& name) {
  TRY_ASSIGN(const std::string there, how_many(connection, name));
  if (there == "0") return {};
  TRY_ASSIGN(const std::string marked,
             connection.scalar("SELECT count(*) FROM pg_catalog.pg_database WHERE datname = $1 AND "
                               "pg_catalog.shobj_description(oid, 'pg_database') = $2",
                               {name, mark}));
  if (marked == "0") return Error{Cause::internal, "it does not have the mark of ours", ""};
  const std::string drop = "DROP DATABASE " + text::quote_identifier(name);
  const auto dropped = connection.run(drop + " WITH (FORCE)");
  // Before version 13.
  return !dropped && connection.failed().sqlstate == "42601" ? connection.run(drop) : dropped;
}

Result<std::vector<std::string>> unused_own(Connection& connection) {
  TRY_ASSIGN(const Rows rows,
             connection.query("SELECT datname FROM pg_catalog.pg_database d WHERE "
                              "pg_catalog.starts_with(datname::text, $1) AND NOT EXISTS (SELECT "
                              "FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) ORDER BY "
                              "datname",
                              {own_prefix}));
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.front().value_or(""));
  return names;
}

}  // namespace backproof::pg
