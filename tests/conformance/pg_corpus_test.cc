// SPDX-License-Identifier: Apache-2.0
// The dumps that PostgreSQL engines are tested with: the server's own tools restore them, and what
// says whether two databases are equal does so.
#include <map>

#include "support/pg.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// What CREATE DATABASE needs for those that are not UTF-8.
std::string options_of(const std::string& database) {
  static const std::map<std::string, std::string> special{
      {"latin1", "ENCODING 'LATIN1' LOCALE 'C'"}, {"ascii", "ENCODING 'SQL_ASCII' LOCALE 'C'"}};
  const auto found = special.find(database);
  return found == special.end() ? "" : found->second;
}

}  // namespace

TEST_CASE("PostgreSQL's tools restore every dump of the zoo, as text and as archive, to the same") {
  if (pg_missing()) return;
  const PgTestServer server({"wal_level=logical"});
  server.make_globals();
  for (const std::string& database : pg_databases()) {
    INFO(database);
    server.make_database("text", options_of(database));
    server.make_database("archive", options_of(database));
    const std::string said = server.load("text", pg_dump_file(database, "plain.sql"), true);
    CHECK(said.find("ERROR") == std::string::npos);
    // A subscription's slot may be named by one database only.
    if (database == "publications") {
      server.psql("text", "ALTER SUBSCRIPTION sub_slot SET (slot_name = NONE)");
      server.psql("text", "DROP SUBSCRIPTION sub; DROP SUBSCRIPTION sub_slot");
      server.restore("archive", pg_dump_file(database, "custom.dump"));
      server.psql("archive", "ALTER SUBSCRIPTION sub_slot SET (slot_name = NONE)");
      server.psql("archive", "DROP SUBSCRIPTION sub; DROP SUBSCRIPTION sub_slot");
    } else {
      server.restore("archive", pg_dump_file(database, "custom.dump"));
    }
    const std::string text = pg_description(server, "text");
    const bool same = text == pg_description(server, "archive");
    CHECK(same);
    for (const PgRows& rows : pg_rows(database)) {
      const std::string line =
          rows.schema + "|" + rows.table + "|" + std::to_string(rows.rows) + "|";
      const bool leaf =
          rows.table.starts_with("by_hash_") || rows.table.starts_with("sightings_2025_null_");
      if (leaf) continue;  // read by its root
      INFO(line);
      CHECK(text.find(line) != std::string::npos);
    }
    server.psql("postgres", "DROP DATABASE text WITH (FORCE)");
    server.psql("postgres", "DROP DATABASE archive WITH (FORCE)");
  }
}

TEST_CASE("two databases that differ in a value, an option or a number have other descriptions") {
  if (pg_missing()) return;
  const PgTestServer server;
  server.make_database("one");
  server.load("one", pg_dump_file("shop", "plain.sql"));
  std::string last = pg_description(server, "one");
  for (const char* change :
       {"UPDATE orders SET memo = memo || 'x' WHERE id = 1", "SELECT nextval('orders_id_seq')",
        "ALTER TABLE orders ALTER memo SET STATISTICS 5",
        "CREATE MATERIALIZED VIEW m AS SELECT * FROM orders",
        "REFRESH MATERIALIZED VIEW m WITH NO DATA", "SELECT lo_from_bytea(77, 'x')",
        "SELECT lo_put(77, 0, 'y')", "DROP INDEX orders_by_customer"}) {
    INFO(change);
    server.psql("one", change);
    const std::string now = pg_description(server, "one");
    CHECK(now != last);
    CHECK(pg_description(server, "one") == now);
    last = now;
  }
}
