// SPDX-License-Identifier: Apache-2.0
// The loader against PostgreSQL's own tools: the same dump, restored by psql or pg_restore and by
// us, must give the same database, object by object and row by row.
#include <algorithm>

#include "base/text.h"
#include "support/pg.h"
#include "support/pg_load.h"

using namespace backproof;
using namespace backproof::test;

namespace {

bool is_archive(const std::string& form) {
  return form.ends_with(".dump") || form.ends_with(".tar");
}

// What CREATE DATABASE of the reference needs so that it is what the loader makes.
std::string options_of(const std::string& database, const std::string& form) {
  if (database == "ascii") return "ENCODING 'SQL_ASCII' LOCALE 'C'";
  const bool latin1 = database == "latin1" || form.starts_with("latin1");
  if (latin1) return "ENCODING 'LATIN1' LOCALE 'C'";
  // Archives say the locale of their database.
  return is_archive(form) ? "ENCODING 'UTF8' LOCALE 'C.UTF-8'"
                          : "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'";
}

// The first line in which two texts differ, of both.
std::string first_difference(const std::string& a, const std::string& b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() && in_b == b.end()) return "";
  const auto line = [](const std::string& text, std::ptrdiff_t at) {
    const std::size_t start = text.rfind('\n', static_cast<std::size_t>(at)) + 1;
    return text.substr(start, std::min<std::size_t>(text.find('\n', start) - start, 200));
  };
  const std::ptrdiff_t at = in_a - a.begin();
  return line(a, at) + " | " + line(b, at);
}

// Every object that a dump names is there.
void demand_whole(const PgTestServer& server, const PgLoaded& loaded) {
  CHECK(loaded.roles_made.empty());
  for (const PgLoadedDatabase& one : loaded.databases) {
    auto connection = pg::Connection::open(server.conninfo("postgres"), one.restored.name,
                                           {"search_path=pg_catalog"});
    REQUIRE(connection);
    const auto missing = one.inventory.missing(*connection);
    REQUIRE(missing);
    for (const std::string& object : *missing) FAIL_CHECK("not in the catalog: " << object);
  }
}

// Forms of every database of the zoo, restored one after the other into the same place.
void compare_all(const std::vector<std::string>& forms) {
  if (pg_missing()) return;
  const PgTestServer server({"wal_level=minimal", "max_wal_senders=0"});
  server.make_globals();
  int compared = 0;
  for (const std::string& database : pg_databases()) {
    if (!std::ranges::all_of(forms, [&](const std::string& form) {
          return std::filesystem::exists(pg_dumps() / database / form);
        }))
      continue;
    INFO(database << "/" << forms.back());
    server.make_database("theirs", options_of(database, forms.front()));
    std::string said;
    std::vector<Path> files;
    for (const std::string& form : forms) {
      files.push_back(pg_dump_file(database, form));
      said += is_archive(form) ? server.restore("theirs", files.back(), true)
                               : server.load("theirs", files.back(), true);
    }
    const std::string theirs = pg_description(server, "theirs");
    drop_pg_database(server, "theirs");
    const auto loaded = load_dumps(server, "theirs", files);
    INFO((loaded ? "" : loaded.error().str()));
    if (!loaded && said.find("ERROR") != std::string::npos) {
      drop_pg_database(server, "theirs");
      continue;  // it is not restored without errors by anybody
    }
    REQUIRE(loaded);
    demand_whole(server, *loaded);
    CHECK(first_difference(theirs, pg_description(server, "theirs")) == "");
    drop_pg_database(server, "theirs");
    ++compared;
  }
  CHECK(compared > 0);
}
void compare(const std::string& form) {
  compare_all({form});
}

// A form that makes its database itself.
void compare_created(const std::string& form) {
  if (pg_missing()) return;
  const PgTestServer server({"wal_level=minimal", "max_wal_senders=0"});
  server.make_globals();
  int compared = 0;
  for (const std::string& database : pg_databases()) {
    if (!std::filesystem::exists(pg_dumps() / database / form)) continue;
    INFO(database << "/" << form);
    const Path file = pg_dump_file(database, form);
    const std::string said = server.load("postgres", file, true);
    if (said.find("ERROR") != std::string::npos) continue;
    const std::string theirs = pg_description(server, database);
    drop_pg_database(server, database);
    const auto loaded = load_dumps(server, "ours", {file});
    INFO((loaded ? "" : loaded.error().str()));
    REQUIRE(loaded);
    demand_whole(server, *loaded);
    REQUIRE(loaded->databases.size() == 1);
    const std::string made = loaded->databases.front().restored.name;
    CHECK(first_difference(theirs, pg_description(server, made)) == "");
    drop_pg_database(server, made);
    server.psql("postgres", "DROP DATABASE IF EXISTS ours");
    ++compared;
  }
  CHECK(compared > 0);
}

}  // namespace

TEST_CASE("a plain dump gives the same database as with psql") {
  compare("plain.sql");
}
TEST_CASE("a custom archive gives the same database as with pg_restore") {
  compare("custom.dump");
}
TEST_CASE("a tar archive gives the same database as with pg_restore") {
  compare("tar.tar");
}
TEST_CASE("an archive with INSERTs gives the same database as with pg_restore") {
  compare("custom_inserts.dump");
}
TEST_CASE("a dump with --inserts gives the same database as with psql") {
  compare("inserts.sql");
}
TEST_CASE("a dump with --column-inserts gives the same database as with psql") {
  compare("column_inserts.sql");
}
TEST_CASE("a dump with --rows-per-insert gives the same database as with psql") {
  compare("rows_per_insert.sql");
}
TEST_CASE("a dump with --clean --if-exists gives the same database as with psql") {
  compare("clean.sql");
}
TEST_CASE("a dump with --quote-all-identifiers gives the same database as with psql") {
  compare("quoted.sql");
}
TEST_CASE("a dump with --use-set-session-authorization gives the same database as with psql") {
  compare("session_authorization.sql");
}
TEST_CASE("a dump with --load-via-partition-root gives the same database as with psql") {
  compare("partition_root.sql");
}
TEST_CASE("a dump with --disable-dollar-quoting gives the same database as with psql") {
  compare("no_dollar_quotes.sql");
}
TEST_CASE("a dump with --schema-only gives the same database as with psql") {
  compare("schema_only.sql");
}
TEST_CASE("a dump with --create gives the same database as with psql") {
  compare_created("create.sql");
}
TEST_CASE("a dump with --data-only behind its schema gives the same database as with psql") {
  compare_all({"schema_only.sql", "data_only.sql"});
}
TEST_CASE("a dump with --disable-triggers behind its schema gives the same database as with psql") {
  compare_all({"schema_only.sql", "disable_triggers.sql"});
}
