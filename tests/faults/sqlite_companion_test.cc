// SPDX-License-Identifier: Apache-2.0
// A SQLite database whose -wal or -journal is not what it should be.
#include <unistd.h>

#include "model/run_json.h"
#include "support/sqlite_snapshot.h"

using namespace backproof;
using namespace backproof::test;

namespace {

constexpr std::size_t frame = 24 + 4096, record = 4 + 4096 + 4, sector = 512;

std::string with_flip(std::string bytes, std::size_t at) {
  bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

const std::string rows =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
    "INSERT INTO t SELECT i, 'old' FROM n";

// Ten transactions in the log.
std::vector<std::string> logged() {
  std::vector<std::string> sql{"PRAGMA journal_mode=WAL", "PRAGMA wal_autocheckpoint=0",
                               "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)"};
  for (int i = 0; i < 10; ++i) sql.push_back("INSERT INTO t(b) VALUES('x')");
  return sql;
}
// A transaction that has reached the database file and is not committed.
std::vector<std::string> half_done() {
  return {"CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT)", rows, "PRAGMA cache_size=3",
          "BEGIN IMMEDIATE", "UPDATE t SET b = 'new'"};
}

void demand_damaged(const Path& file, std::string_view part) {
  const Run run = verified(file);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.cause == Cause::damaged);
  CHECK(run.reason.find(part) != std::string::npos);
}

}  // namespace

TEST_CASE("F15: one flipped bit in the salt of a frame loses no transaction in silence") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  const std::string log = copy.wal();
  const std::size_t frames = (log.size() - 32) / frame;
  CHECK(verified(copy.file).verdict == Verdict::passed);
  for (const std::size_t at : {std::size_t{0}, frames / 2, frames - 1})
    for (const std::size_t byte : {8U, 12U}) {
      INFO(at);
      copy.wal(with_flip(log, 32 + at * frame + byte));
      demand_damaged(copy.file, "breaks off at frame " + std::to_string(at + 1));
    }
}

TEST_CASE("F15: a frame of zeros in the middle of a log is damage") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  copy.wal(copy.wal().replace(32 + 4 * frame, frame, frame, '\0'));
  demand_damaged(copy.file, "breaks off at frame 5");
}

TEST_CASE("F15: a last frame that was committed and has a wrong checksum is damage") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  const std::string log = copy.wal();
  for (const std::size_t back : {std::size_t{6}, frame - 16}) {
    copy.wal(with_flip(log, log.size() - back));
    demand_damaged(copy.file, "breaks off");
  }
}

TEST_CASE("F15: a log that ends inside a frame is noticed") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  const std::string log = copy.wal();
  for (const std::size_t left : {std::size_t{1}, std::size_t{10}, std::size_t{100}, frame - 1}) {
    copy.wal(log.substr(0, log.size() - frame + left));
    const Run run = verified(copy.file);
    INFO(left << " " << run.reason);
    CHECK(run.verdict == Verdict::passed);
    CHECK(has_finding(run, "ends inside a frame"));
  }
}

TEST_CASE("a log with an open transaction whose frames were written twice passes") {
  const Folder folder;
  std::vector<std::string> sql = logged();
  sql.push_back("DELETE FROM t");
  sql.push_back(rows);
  sql.push_back("PRAGMA cache_size=5");
  sql.push_back("BEGIN");
  for (int i = 0; i < 4; ++i) sql.push_back("UPDATE t SET b = hex(randomblob(200))");
  const Snapshot copy(folder, sql);
  const Run run = verified(copy.file);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(has_finding(run, "uncommitted"));
  REQUIRE(run.tables.size() == 1);
  CHECK(run.tables[0].rows == 3000);
}

TEST_CASE("F15: a hot journal that SQLite would play back by half is damage") {
  const Folder folder;
  const Snapshot copy(folder, half_done());
  const std::string journal = copy.journal();
  REQUIRE(journal.size() > sector + 5 * record);
  const Run good = verified(copy.file);
  INFO(good.reason);
  CHECK(good.verdict == Verdict::passed);
  CHECK(has_finding(good, "was copied during a transaction"));
  const std::size_t first = sector;
  for (const auto& [at, what] :
       std::vector<std::pair<std::size_t, std::string>>{{0, "does not begin"},
                                                        {3, "does not begin"},
                                                        {11, "it "},
                                                        {15, "wrong checksum"},
                                                        {19, ""},
                                                        {23, "sizes that SQLite never"},
                                                        {25, ""},
                                                        {first + 4096 - 200 + 4, "wrong checksum"},
                                                        {first + record - 1, "wrong checksum"},
                                                        {first + 1, " is for page "}}) {
    INFO(at);
    copy.journal(with_flip(journal, at));
    if (at == 11) {  // the count of records, one up or down
      const Run run = verified(copy.file);
      CHECK(run.verdict == Verdict::failed);
      continue;
    }
    demand_damaged(copy.file, what);
  }
  copy.journal(journal.substr(0, sector + 3 * record));
  demand_damaged(copy.file, "it ends after ");
  copy.journal(journal.substr(0, sector + record - 7));
  demand_damaged(copy.file, "it ends after 0 records of 1");
  copy.journal(journal.substr(0, 20));
  CHECK(verified(copy.file).verdict == Verdict::failed);
}

TEST_CASE("a journal of another page size is damage") {
  const Folder folder;
  const Snapshot copy(folder, half_done());
  std::vector<std::string> sql = half_done();
  sql.insert(sql.begin(), "PRAGMA page_size=1024");
  copy.journal(Snapshot(folder, sql, "small.db").journal());
  const Run run = verified(copy.file);
  CHECK(run.cause == Cause::damaged);
  CHECK(has_finding(run, "its page size is 1024, not 4096", Severity::failure));
}

TEST_CASE("a journal that names a super-journal is inconclusive") {
  const Folder folder;
  const Snapshot copy(folder, half_done());
  const std::string journal = copy.journal();
  const std::string name = "/srv/app/all.db-mj00";
  std::uint32_t sum = 0;
  for (const char c : name) sum += static_cast<std::uint32_t>(c);
  const auto word = [](std::uint32_t n) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(n >> shift);
    return bytes;
  };
  const std::string whole = word(0x40000000 / 4096 + 1) + name +
                            word(static_cast<std::uint32_t>(name.size())) + word(sum) +
                            journal.substr(0, 8);
  copy.journal(journal + whole);
  const Run run = verified(copy.file);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::unproven);
  CHECK(run.reason.find("super-journal") != std::string::npos);
}

TEST_CASE("a finished journal says nothing, whatever mode finished it") {
  for (const std::string mode : {"PERSIST", "TRUNCATE"}) {
    const Folder folder;
    const Snapshot copy(folder, {"PRAGMA journal_mode=" + mode, "CREATE TABLE t(a, b)", rows,
                                 "UPDATE t SET b = 'new'"});
    REQUIRE(std::filesystem::exists(copy.file.native() + "-journal"));
    const Run run = verified(copy.file);
    INFO(mode << run.reason);
    CHECK(run.verdict == Verdict::passed);
    CHECK(run.findings.empty());
  }
}

TEST_CASE("a companion that holds nothing does not turn off the arithmetic of sizes") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  const std::string stale = copy.wal().substr(0, 32);
  for (const auto& [end, bytes] : std::vector<std::pair<std::string, std::string>>{
           {"-wal", ""}, {"-wal", stale}, {"-journal", ""}, {"-journal", std::string(600, '\0')}}) {
    const Folder other;
    const Path file = make_shop(other);
    other.write("shop.db" + end, bytes);
    CHECK(verified(file).verdict == Verdict::passed);
    other.write("shop.db", content_of(file) + Random(6).bytes(12288));
    demand_damaged(file, "12288 bytes follow the last");
  }
}

TEST_CASE("a companion that cannot be read is inconclusive and named") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  const std::string wal = copy.file.native() + "-wal";
  const auto refused = [&](std::string_view part) {
    const Run run = verified(copy.file);
    INFO(run.reason);
    CHECK(run.cause == Cause::fetch);
    CHECK(run.reason.find("copy.db-wal") != std::string::npos);
    CHECK(run.reason.find(part) != std::string::npos);
  };
  std::filesystem::rename(wal, folder / "elsewhere");
  std::filesystem::create_symlink("elsewhere", wal);
  refused("a symlink");
  std::filesystem::remove(wal);
  std::filesystem::create_directory(wal);
  refused("a folder");
}

TEST_CASE("a backup that is a symlink is restored with the log of the real file") {
  const Folder folder;
  const Snapshot copy(folder, logged());
  std::filesystem::create_directory(folder / "links");
  const Path link = folder / "links/newest.db";
  std::filesystem::create_symlink("../copy.db", link);
  const Run run = verified(link);
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  REQUIRE(run.tables.size() == 1);
  CHECK(run.tables[0].rows == 10);
}

TEST_CASE("a log that needs more space than there is says nothing of the backup") {
  const Folder folder;
  std::vector<std::string> sql = logged();
  sql.push_back("INSERT INTO t(b) VALUES(zeroblob(6000000))");
  const Snapshot copy(folder, sql);
  for (const char* budget : {"1MiB", "7MiB", "9MiB"}) {
    const Path config = folder.write(
        "backproof.toml", "state_dir = \"state\"\n[[target]]\nname = \"small\"\nmax_scratch = \"" +
                              std::string(budget) +
                              "\"\nsource = { kind = \"directory\", path = \".\" }\n");
    const Output output = program({"verify", "--format", "json", "--config.file", config.native(),
                                   "--target", "small", copy.file.native()});
    const Run run = run_from_json(output.out).value();
    INFO(budget << " " << run.reason);
    CHECK(run.cause == Cause::space);
  }
}
