// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/wal.h"

#include "base/sqlite.h"
#include "support/support.h"

using namespace backproof;

namespace {

constexpr std::size_t frame = 24 + 4096;

// The log of a few transactions, read while the connection is open.
std::string make_log(const test::Folder& folder) {
  const std::string file = (folder / "a.db").native();
  auto db = sqlite::Connection::open(file).value();
  db.run(
        "PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1);"
        "INSERT INTO t VALUES(2); INSERT INTO t VALUES(3)")
      .value();
  return read_file(file + "-wal").value();
}

std::string flipped(std::string bytes, std::size_t at) {
  bytes.at(at) = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

}  // namespace

TEST_CASE("the frames of a write-ahead log are counted and proven") {
  const test::Folder folder;
  const std::string log = make_log(folder);
  const auto inspect = [&](const std::string& bytes) {
    return inspect_wal(open_readonly(folder.write("w", bytes)).value().get()).value();
  };
  const WalFacts good = inspect(log);
  CHECK(good.header_ok);
  CHECK(good.page_size == 4096);
  CHECK(good.frames == (log.size() - 32) / frame);
  CHECK(good.frames >= 4);
  CHECK(good.valid_frames == good.frames);
  CHECK(good.committed_frames == good.frames);
  CHECK(good.database_pages == 2);
  REQUIRE(good.header);
  CHECK(good.header->page_count == 2);
  CHECK_FALSE(good.loses_commits());

  SECTION("a flipped bit of content") {
    const WalFacts bad = inspect(flipped(log, 100));
    CHECK(bad.valid_frames == 0);
    CHECK(bad.frames == good.frames);
    CHECK(bad.loses_commits());
  }
  SECTION("a flipped bit of a salt, in any frame") {
    for (std::size_t i = 0; i < good.frames; ++i) {
      const WalFacts bad = inspect(flipped(log, 32 + i * frame + 9));
      CHECK(bad.valid_frames == i);
      CHECK(bad.frames == good.frames);
      CHECK(bad.loses_commits());
    }
  }
  SECTION("a flipped bit that was the whole commit mark of the last frame") {
    std::string bad = log;
    REQUIRE(bad[log.size() - frame + 7] == 2);
    bad[log.size() - frame + 7] = 0;
    CHECK(inspect(bad).loses_commits());
  }
  SECTION("a flipped bit of the header") {
    CHECK_FALSE(inspect(flipped(log, 24)).header_ok);
    CHECK_FALSE(inspect(log.substr(0, 20)).header_ok);
  }
  SECTION("a log that ends inside a frame, and one that ends behind one") {
    const WalFacts cut = inspect(log.substr(0, log.size() - 5));
    CHECK(cut.valid_frames == good.frames - 1);
    CHECK(cut.cut_bytes == frame - 5);
    CHECK(inspect(log.substr(0, log.size() - frame + 7)).cut_bytes == 7);
    const WalFacts shorter = inspect(log.substr(0, log.size() - frame));
    CHECK(shorter.cut_bytes == 0);
    CHECK_FALSE(shorter.loses_commits());
  }
  SECTION("frames of an older generation behind it are none of it") {
    std::string old = log.substr(32, 2 * frame);
    for (const std::size_t at : {8U, 12U, 8U + 4120U, 12U + 4120U}) old = flipped(old, at);
    const WalFacts with = inspect(log + old);
    CHECK(with.frames == good.frames);
    CHECK_FALSE(with.loses_commits());
  }
}
