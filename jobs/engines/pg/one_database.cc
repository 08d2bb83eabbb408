// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/one_database.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "db/pg_connection.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

constexpr std::array shared_objects{"DATABASE",   "ROLE",   "GROUP",
                                    "TABLESPACE", "SYSTEM", "SUBSCRIPTION"};

bool takes_shared(PgWords& words) {
  if (words.take("USER")) return !words.take("MAPPING");
  return std::any_of(shared_objects.begin(), shared_objects.end(),
                     [&](const char* object) { return words.take(object); });
}

// Behind a schema's name and owner other statements can stand, GRANT among them, which pg_dump
// never writes there.
bool holds_statements(PgWords words) {
  words.take("IF", "NOT", "EXISTS");
  if (!words.take("AUTHORIZATION")) {
    (void)words.name();
    if (words.take("AUTHORIZATION")) (void)words.name();
  } else {
    (void)words.name();
  }
  words.take(";");
  return !words.at_end();
}

// GRANT and REVOKE: of a role, which has no ON, or on something shared.
bool grants_shared(PgWords words) {
  for (; !words.at_end(); words.skip())
    if (words.take("ON"))
      return words.take("DATABASE") || words.take("TABLESPACE") || words.take("PARAMETER");
  return true;
}

Error refused(std::string_view what, const DumpPlace& at) {
  return {Cause::isolation,
          std::string(what) + " at " + at.str() +
              ", which it may do on a throw-away server only: nothing was executed",
          "leave sandbox.server out, or dump the database alone, without --create"};
}

}  // namespace

bool is_about_the_server(std::string_view sql) {
  PgWords words(sql);
  if (words.take("CREATE", "SCHEMA")) return holds_statements(words);
  if (words.take("CREATE") || words.take("ALTER")) return takes_shared(words);
  if (words.take("DROP")) return words.take("OWNED") || takes_shared(words);
  if (words.take("COMMENT", "ON")) return takes_shared(words);
  if (words.take("GRANT") || words.take("REVOKE")) return grants_shared(words);
  if (words.take("REASSIGN", "OWNED")) return true;
  if (!words.take("SECURITY", "LABEL")) return false;
  if (words.take("FOR")) words.skip();
  return words.take("ON") && takes_shared(words);
}

Result<void> OneDatabase::statement(std::string_view sql, const DumpPlace& at) {
  if (!is_about_the_server(sql)) return {};
  return refused("the dump makes or changes what all databases of a server share", at);
}

Result<void> OneDatabase::connect(std::string_view, const DumpPlace& at) {
  return refused("the dump goes into a database of its own choice", at);
}

Result<PgServer> met_server(Keeper& keeper) {
  if (keeper.server() && keeper.server()->major != 0) return *keeper.server();
  TRY_ASSIGN(PgServer server, keeper.server() ? *keeper.server() : keeper.start_server(0));
  auto connection = pg::Connection::open(server.conninfo, server.entry);
  if (!connection)
    return Error{Cause::fetch, connection.error().text,
                 "see sandbox.server and sandbox.password_file, and whether the server lets this "
                 "host and user in"};
  TRY_ASSIGN(const std::string number, connection->scalar("SHOW server_version_num"));
  TRY_ASSIGN(server.version, connection->scalar("SHOW server_version"));
  server.major = static_cast<int>(text::parse_count(number).value_or(0) / 10000);
  return server;
}

}  // namespace backproof
