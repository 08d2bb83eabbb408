// SPDX-License-Identifier: Apache-2.0
// What a live database holds, by a snapshot that pg_dump shares, and what the restored dump holds:
// the same rows, newest times and digests of the same tables, for every form of dump.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "db/pg_database.h"
#include "db/pg_snapshot.h"
#include "support/pg.h"
#include "support/pg_load.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const RunContext quiet{system_clock(), [](std::uintmax_t, std::uintmax_t) {}};

struct Form {
  std::string file;
  std::vector<std::string> options;
};

// In a dump with INSERTs a negative zero is -0, which is read as an integer without a sign.
bool loses_sign(const Form& form, const std::string& table) {
  return form.file.starts_with("inserts") &&
         (table == "large.numbers" || table == "public.numbers" || table == "kinds.built_in");
}

// "rows newest digest" by table.
std::map<std::string, std::string> told(const std::vector<TableFact>& facts) {
  std::map<std::string, std::string> lines;
  for (const TableFact& fact : facts)
    lines[full_name(fact)] =
        std::to_string(fact.rows) + " " + text::format_time(fact.newest) + " " + fact.digest;
  return lines;
}

std::map<std::string, std::string> told_restored(const PgTestServer& server,
                                                 const std::string& database,
                                                 const FactsWanted& wanted) {
  auto opened = open_pg_database(server.conninfo(database), {{database, {}, {}}}, {});
  REQUIRE(opened);
  (*opened)->want(wanted);
  const auto& tables = (*opened)->self_check(quiet).tables;
  INFO((tables ? "" : tables.error().str()));
  REQUIRE(tables);
  return told(*tables);
}

void restore(const PgTestServer& server, const std::string& options, const Form& form,
             const Path& dump) {
  if (form.file.starts_with("folder")) {
    server.make_database("restored", options);
    server.restore("restored", dump, true);
    return;
  }
  const auto loaded = load_dumps(server, "restored", {dump});
  INFO((loaded ? "" : loaded.error().str()));
  REQUIRE(loaded);
}

// The databases of the zoo and the options with which they are made.
std::map<std::string, std::string> zoo() {
  std::map<std::string, std::string> databases;
  for (const auto& entry :
       std::filesystem::directory_iterator(Path(BACKPROOF_SOURCE_DIR) / "tests/pg/zoo")) {
    const std::string sql = read_file(entry.path()).value();
    const std::string_view mark = "-- options:";
    const std::size_t start = sql.find(mark);
    const std::size_t end = sql.find('\n', std::min(start, sql.size()));
    databases[entry.path().stem()] =
        start == std::string::npos ? ""
                                   : sql.substr(start + mark.size(), end - start - mark.size());
  }
  databases.erase("globals");
  return databases;
}

void compare(const std::vector<Form>& forms) {
  if (pg_missing()) return;
  const PgTestServer server({"wal_level=logical", "max_wal_senders=2"});
  server.make_globals();
  const Folder folder;
  const FactsWanted wanted{true, at("2030-01-01T00:00:00Z")};
  std::size_t tables = 0;
  for (const auto& [database, options] : zoo()) {
    INFO(database);
    server.make_database(database, options);
    server.load(database, Path(BACKPROOF_SOURCE_DIR) / "tests/pg/zoo" / (database + ".sql"));
    auto snapshot = PgSnapshot::open({server.conninfo(database), database, "", 2});
    INFO((snapshot ? "" : snapshot.error().str()));
    REQUIRE(snapshot);
    const auto facts = snapshot->facts(wanted, quiet.progress);
    INFO((facts ? "" : facts.error().str()));
    REQUIRE(facts);
    tables += facts->size();
    for (const Form& form : forms) {
      INFO(form.file);
      const Path dump = folder / (database + "-" + form.file);
      std::vector<std::string> with{"--snapshot=" + snapshot->id()};
      with.insert(with.end(), form.options.begin(), form.options.end());
      server.dump_to(dump, database, with);
      restore(server, options, form, dump);
      const auto restored = told_restored(server, "restored", wanted);
      for (const auto& [table, line] : told(*facts)) {
        INFO(table);
        if (!loses_sign(form, table))
          CHECK((restored.contains(table) ? restored.at(table) : "none") == line);
      }
      drop_pg_database(server, "restored");
    }
  }
  CHECK(tables > 100);
}

}  // namespace

TEST_CASE("facts of a live database are those of its restored plain dump and custom archive") {
  compare({{"plain.sql", {}}, {"custom.dump", {"-Fc"}}, {"inserts.sql", {"--inserts"}}});
}
TEST_CASE("facts of a live database are those of its restored tar and folder") {
  compare({{"tar.tar", {"-Ft"}}, {"folder", {"-Fd"}}});
}
TEST_CASE("facts of a live database are those of its dump, however that is packed") {
  compare({{"plain.sql.gz", {"-Z9"}},
           {"custom_z0.dump", {"-Fc", "-Z0"}},
           {"folder_z0", {"-Fd", "-Z0"}},
           {"root.dump", {"-Fc", "--load-via-partition-root"}}});
}
