// SPDX-License-Identifier: Apache-2.0
// A log or a journal that is sound in itself, beside a database to which it does not belong.
#include "support/sqlite_snapshot.h"

using namespace backproof;
using namespace backproof::test;

namespace {

constexpr std::size_t record = 4 + 4096 + 4, sector = 512;
constexpr std::string_view foreign = "is of another time or of another database";

std::vector<std::string> operator+(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A database in WAL mode whose schema stands in the file.
std::vector<std::string> based(const std::string& table) {
  return {"PRAGMA wal_autocheckpoint=0",
          "CREATE TABLE " + table + "(a INTEGER PRIMARY KEY, b TEXT)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT "
          "INTO " +
              table + " SELECT i, 'some text ' || i FROM n",
          "PRAGMA journal_mode=WAL"};
}
std::vector<std::string> growing(const std::string& table, int times = 1) {
  std::vector<std::string> sql;
  for (int i = 0; i < times; ++i)
    sql.push_back("INSERT INTO " + table + "(b) VALUES(hex(zeroblob(4000)))");
  return sql;
}

void demand_unproven(const Path& file, std::string_view part) {
  const Run run = verified(file);
  INFO(run.reason);
  CHECK(run.verdict != Verdict::passed);
  CHECK(has_finding(run, part, Severity::failure));
}

void demand_quiet(const Path& file) {
  const Run run = verified(file);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.findings.empty());
}

}  // namespace

TEST_CASE("F15: the log of a running database belongs to it, before and after a checkpoint") {
  for (const std::string end : {"", "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA user_version=3"}) {
    const Folder folder;
    INFO(end);
    demand_quiet(
        Snapshot(folder, based("t") + growing("t", 3) + std::vector<std::string>{end}).file);
    demand_quiet(Snapshot(folder,
                          based("t") + growing("t") +
                              std::vector<std::string>{"PRAGMA wal_checkpoint(RESTART)"} +
                              growing("t", 2) + std::vector<std::string>{end},
                          "again.db")
                     .file);
    demand_quiet(Snapshot(folder,
                          based("t") + std::vector<std::string>{"UPDATE t SET b = 'x'", end},
                          "kept.db")
                     .file);
  }
}

TEST_CASE("F15: a log that brings a schema of its own is told") {
  const Folder folder;
  const Snapshot copy(folder, based("t") + std::vector<std::string>{"CREATE TABLE u(x)"});
  const Run run = verified(copy.file);
  CHECK(run.verdict == Verdict::passed);
  CHECK(has_finding(run, "nothing but a change counter that fits"));
}

TEST_CASE("F15: a log of an earlier or a later time than the database is never green") {
  const Folder folder;
  const std::string live = (folder / "live.db").native();
  auto keeper = sqlite::Connection::open(live).value();  // so that the log stays
  for (const std::string& sql : based("t")) keeper.run(sql).value();
  REQUIRE(keeper.integer("SELECT count(*) FROM t"));
  // Each by a connection of its own: one connection does not count its own changes up.
  const auto write = [&](const std::string& sql) {
    auto writer = sqlite::Connection::open(live).value();
    writer.run("PRAGMA wal_autocheckpoint=0;" + sql).value();
  };
  const auto copied = [&](const std::string& name) {
    std::filesystem::copy_file(live, folder / name);
    std::filesystem::copy_file(live + "-wal", (folder / name).native() + "-wal");
    return folder / name;
  };
  write(growing("t")[0]);
  const Path first = copied("first.db");
  for (int i = 0; i < 3; ++i) write("PRAGMA wal_checkpoint(RESTART);" + growing("t")[0]);
  const Path last = copied("last.db");
  demand_quiet(first);
  demand_quiet(last);
  std::filesystem::rename(first.native() + "-wal", folder / "kept");
  std::filesystem::rename(last.native() + "-wal", first.native() + "-wal");
  std::filesystem::rename(folder / "kept", last.native() + "-wal");
  demand_unproven(first, "its change counter begins at ");
  demand_unproven(last, "its change counter is ");
}

TEST_CASE("F15: a log beside a database that is not in WAL mode is never green") {
  const Folder folder;
  const Snapshot live(folder, based("t") + growing("t"));
  const Snapshot plain(folder, {based("t")[1], based("t")[2]}, "plain.db");
  plain.wal(live.wal());
  demand_unproven(plain.file, "the database is not in WAL mode");
}

TEST_CASE("F15: the log of another database with counters that fit is never green") {
  const Folder folder;
  const Snapshot copy(folder, based("t") + growing("t"));
  SECTION("its schema is another one") {
    copy.wal(Snapshot(folder, based("other") + growing("other"), "other.db").wal());
    demand_unproven(copy.file, "it has another schema under the number 1");
  }
  SECTION("its pages are of another kind") {
    // No page is new, so no first page is in the log.
    const std::vector<std::string> update{"UPDATE t SET b = 'y' WHERE a > 2990"};
    const Snapshot plain(folder, based("t") + update, "plain.db");
    demand_quiet(plain.file);
    const std::string file = content_of(plain.file);
    std::string turned = file;
    REQUIRE(turned[turned.size() - 4096] == 13);
    turned[turned.size() - 4096] = 10;
    write_atomic(plain.file, turned).value();
    demand_unproven(plain.file, "is of another kind in it");
  }
}

TEST_CASE("a hot journal that is cut behind its last counted record is never green") {
  const Folder folder;
  const Snapshot copy(folder, {based("t")[1], based("t")[2], "PRAGMA cache_size=3",
                               "BEGIN IMMEDIATE", "UPDATE t SET b = 'another text ' || a"});
  const std::string journal = copy.journal();
  const Run whole = verified(copy.file);
  INFO(whole.reason);
  CHECK(whole.verdict == Verdict::passed);
  CHECK(has_finding(whole, "was copied during a transaction"));
  const std::size_t count = static_cast<unsigned char>(journal[11]);
  const std::size_t end = sector + count * record;
  REQUIRE(journal.size() > end + sector);
  for (const std::size_t size : {end, (end + sector - 1) / sector * sector}) {
    copy.journal(journal.substr(0, size));
    demand_unproven(copy.file, "nothing proves that the rollback journal");
  }
  // Not synced, so not counted: any cut between two records could be the end.
  std::string uncounted = journal.substr(0, end);
  uncounted.replace(8, 4, "\xff\xff\xff\xff");
  copy.journal(uncounted);
  demand_unproven(copy.file, "nothing proves that the rollback journal");
}
