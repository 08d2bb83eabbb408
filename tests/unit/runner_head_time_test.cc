// SPDX-License-Identifier: Apache-2.0
#include "runner/head_time.h"

#include "support/pg.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::string number(std::uint32_t value) {
  std::string bytes(5, '\0');
  for (std::size_t i = 0; i < 4; ++i) bytes[i + 1] = static_cast<char>(value >> (8 * i));
  return bytes;
}

// The head of an archive of version 1.`minor`, of 20 November 2026, 03:04:05.
std::string archive(char minor, std::uint32_t month = 10) {
  std::string head = std::string("PGDMP\1") + minor + std::string("\0\4\10\1", 4);
  head += minor >= 15 ? std::string("\1") : number(6);
  for (const std::uint32_t part : {5U, 4U, 3U, 20U, month, 126U, 0U}) head += number(part);
  return head + "the rest";
}

std::optional<TimeClaim> in(const std::string& head) {
  return time_in_head(as_bytes(head));
}

}  // namespace

TEST_CASE("the header of an archive says when it was made, in a zone that it does not say") {
  for (const char minor : {'\14', '\16', '\17', '\20'}) {
    INFO(static_cast<int>(minor));
    REQUIRE(in(archive(minor)));
    CHECK(*in(archive(minor)) == somewhere(at("2026-11-20T03:04:05Z")));
  }
  CHECK_FALSE(in(archive('\16', 12)));
}

TEST_CASE("the first member of a tar is looked into") {
  std::string block("toc.dat");
  block.resize(512, '\0');
  block.replace(257, 5, "ustar");
  CHECK(in(block + archive('\16')));
  block.replace(0, 7, "xoc.dat");
  CHECK_FALSE(in(block + archive('\16')));
}

TEST_CASE("a plain dump says it in a comment before its first statement, or nowhere") {
  const std::string head = "--\n-- PostgreSQL database dump\n--\n\n\\restrict x\n\n";
  const std::string started = "-- Started on 2026-11-20 03:04:05 UTC\n";
  REQUIRE(in(head + started));
  CHECK(*in(head + started) == exactly(at("2026-11-20T03:04:05Z")));
  CHECK(in(head + "-- Started on 2026-11-20 03:04:05 CET\r\n"));
  CHECK_FALSE(in(head + "SET x = 1;\n" + started));
  CHECK_FALSE(in("-- hello\n" + started));
  CHECK_FALSE(in(head + "-- Started on 2026-11-20 03:04:05 UTC"));
}

TEST_CASE("what pg_dump wrote here says a time of today or of the day on which it was written") {
  if (pg_missing()) return;
  for (const char* form : {"custom.dump", "tar.tar", "verbose.sql", "verbose.dump"}) {
    INFO(form);
    const auto content = read_file(pg_dump_file("rental", form), 1U << 30U);
    REQUIRE(content);
    const auto claim = in(content->substr(0, 65536));
    REQUIRE(claim);
    CHECK(is_believable(*claim, system_clock().now()));
    CHECK(claim->at > at("2026-01-01T00:00:00Z"));
  }
  CHECK_FALSE(in(*read_file(pg_dump_file("rental", "plain.sql"), 1U << 30U)));
}

TEST_CASE("heads that were cut or made up say nothing, or a time, and do no harm") {
  const std::string whole = archive('\16');
  for (std::size_t n = 0; n < 11 + 5 * 7; ++n) CHECK_FALSE(in(whole.substr(0, n)));
  Random random(20261126);
  for (int i = 0; i < 50'000; ++i) {
    std::string bytes = i % 2 == 0 ? whole : "--\n-- PostgreSQL database dump\n-- Started on ";
    bytes += random.bytes(random.below(60));
    for (std::size_t k = random.below(4); k > 0; --k)
      bytes[5 + random.below(bytes.size() - 5)] = static_cast<char>(random.below(256));
    (void)in(bytes);
  }
}
