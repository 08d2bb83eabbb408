// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/journal.h"

#include "base/sqlite.h"
#include "support/support.h"

using namespace backproof;

namespace {

constexpr std::size_t record = 4 + 4096 + 4;

// A hot journal of several segments: the cache is small, so pages go to the database early.
std::string make_journal(const test::Folder& folder, const std::string& mode = "") {
  const std::string file = (folder / "a.db").native();
  auto db = sqlite::Connection::open(file).value();
  db.run(
        "CREATE TABLE t(a, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 3000) INSERT INTO t SELECT i, hex(zeroblob(40)) FROM n;" +
        mode + "PRAGMA cache_size=3; BEGIN IMMEDIATE; UPDATE t SET b = 'new'")
      .value();
  return read_file(file + "-journal").value();
}

}  // namespace

TEST_CASE("a journal of many segments is whole, and every flipped bit that matters is found") {
  const test::Folder folder;
  const std::string journal = make_journal(folder);
  const auto inspect = [&](const std::string& bytes) {
    return inspect_journal(open_readonly(folder.write("j", bytes)).value().get()).value();
  };
  const JournalFacts good = inspect(journal);
  INFO(good.damage);
  CHECK(good.hot);
  CHECK(good.damage.empty());
  CHECK(good.page_size == 4096);
  CHECK(good.records > 20);
  CHECK(good.database_pages > good.records);
  CHECK(good.super_journal == 0);

  for (const std::size_t at : {std::size_t{0}, std::size_t{7}, std::size_t{13}, std::size_t{17},
                               std::size_t{512 + record - 1}, std::size_t{512 + 4 + 4096 - 200}}) {
    std::string bad = journal;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    INFO(at);
    CHECK_FALSE(inspect(bad).damage.empty());
  }
  for (unsigned bit = 0; bit < 8; ++bit) {
    std::string bad = journal;
    bad[11] = static_cast<char>(bad[11] ^ static_cast<char>(1U << bit));
    INFO(bit);
    CHECK_FALSE(inspect(bad).damage.empty());
  }
  // The header of the second segment, at the next sector behind the records of the first.
  const std::size_t count = static_cast<unsigned char>(journal[11]);
  const std::size_t second = (512 + count * record + 511) / 512 * 512;
  REQUIRE(journal.substr(second, 8) == journal.substr(0, 8));
  for (const std::size_t at : {second, second + 7, second + 11, second + 13, second + 18}) {
    std::string bad = journal;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    INFO(at);
    CHECK_FALSE(inspect(bad).damage.empty());
  }
}

TEST_CASE("a journal that was never synced counts its records by its length") {
  const test::Folder folder;
  const std::string journal = make_journal(folder, "PRAGMA synchronous=OFF;");
  const auto inspect = [&](const std::string& bytes) {
    return inspect_journal(open_readonly(folder.write("j", bytes)).value().get()).value();
  };
  REQUIRE(journal.substr(8, 4) == "\xff\xff\xff\xff");
  const JournalFacts good = inspect(journal);
  INFO(good.damage);
  CHECK(good.damage.empty());
  CHECK(good.records == (journal.size() - 512) / record);
  std::string twice = journal;
  twice.replace(512 + record, 4, twice.substr(512, 4));
  CHECK(inspect(twice).damage.find("once more") != std::string::npos);
}

TEST_CASE("a journal that holds nothing to play back is not hot") {
  const test::Folder folder;
  const auto hot = [&](const std::string& bytes) {
    return inspect_journal(open_readonly(folder.write("j", bytes)).value().get()).value().hot;
  };
  CHECK_FALSE(hot(""));
  CHECK_FALSE(hot(std::string(28, '\0')));
  const std::string journal = make_journal(folder);
  CHECK_FALSE(hot(std::string(12, '\0') + journal.substr(12)));
  CHECK(hot('\0' + journal.substr(1)));
}
