// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/header.h"

#include "support/support.h"

using namespace backproof;

namespace {

std::string head_of(const Path& file) {
  return read_file(file).value().substr(0, 100);
}

}  // namespace

TEST_CASE("the header of a real database says its pages, its mode and its writer") {
  const test::Folder folder;
  const std::string db = (folder / "a.db").native();
  test::sh("sqlite3 " + db +
           " 'pragma page_size=8192; create table t(a); insert into t values(1)'");
  const auto header = parse_sqlite_header(as_bytes(head_of(db)));
  REQUIRE(header);
  CHECK(header->page_size == 8192);
  CHECK(header->page_count == 2);
  CHECK(header->page_count_valid);
  CHECK_FALSE(header->wal_mode);
  CHECK(header->bytes() == std::filesystem::file_size(db));
  CHECK("" + header->library_version() + " " ==
        test::sh("sqlite3 --version | cut -d' ' -f1 | tr '\\n' ' '"));
  test::sh("sqlite3 " + db + " 'pragma journal_mode=wal' >/dev/null");
  CHECK(parse_sqlite_header(as_bytes(head_of(db)))->wal_mode);
}

TEST_CASE("a page of 65536 bytes is written as 1") {
  const test::Folder folder;
  const std::string db = (folder / "a.db").native();
  test::sh("sqlite3 " + db + " 'pragma page_size=65536; create table t(a)'");
  CHECK(parse_sqlite_header(as_bytes(head_of(db)))->page_size == 65536);
}

TEST_CASE("a header with values that no SQLite writes is refused") {
  const test::Folder folder;
  const std::string db = (folder / "a.db").native();
  test::sh("sqlite3 " + db + " 'create table t(a)'");
  const std::string good = head_of(db);
  for (const auto& [at, byte] : std::vector<std::pair<std::size_t, char>>{
           {16, 3}, {18, 0}, {19, 7}, {21, 63}, {22, 0}, {23, 1}}) {
    std::string bad = good;
    bad[at] = byte;
    INFO(at);
    CHECK_FALSE(parse_sqlite_header(as_bytes(bad)));
  }
  CHECK_FALSE(parse_sqlite_header(as_bytes(good.substr(0, 99))));
  CHECK_FALSE(is_sqlite_file(as_bytes("SQLite format 3")));
}
