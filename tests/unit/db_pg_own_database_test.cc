// SPDX-License-Identifier: Apache-2.0
#include "db/pg_own_database.h"

#include "model/run.h"
#include "support/pg.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("a database that exists is neither made anew nor dropped") {
  if (pg_missing()) return;
  const PgTestServer server;
  auto connection = pg::Connection::open(server.conninfo("postgres"), "postgres");
  REQUIRE(connection);
  const auto create = [&](const std::string& name) {
    return [&, name] { return connection->run("CREATE DATABASE " + name); };
  };
  server.make_database("backproof_there");
  const auto refused = pg::make_own(*connection, "backproof_there", create("backproof_there"));
  REQUIRE_FALSE(refused);
  CHECK(verdict_of(refused.error().cause) == Verdict::inconclusive);
  CHECK(refused.error().text == "the server has a database backproof_there already");
  CHECK_FALSE(pg::drop_own(*connection, "backproof_there"));
  // Made by another between the question and the answer.
  const auto late = pg::make_own(*connection, "backproof_late", create("backproof_there"));
  CHECK_FALSE(late);

  CHECK(pg::make_own(*connection, "backproof_ours", create("backproof_ours")));
  CHECK(*pg::unused_own(*connection) ==
        std::vector<std::string>{"backproof_ours", "backproof_there"});
  const auto user = pg::Connection::open(server.conninfo("backproof_ours"), "backproof_ours");
  CHECK(pg::unused_own(*connection)->size() == 1);
  CHECK(pg::drop_own(*connection, "backproof_ours"));
  CHECK(pg::drop_own(*connection, "backproof_ours"));
  CHECK(*pg::unused_own(*connection) == std::vector<std::string>{"backproof_there"});
}
