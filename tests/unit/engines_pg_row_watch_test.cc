// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/row_watch.h"

#include <algorithm>
#include <string>

#include "support/support.h"

using namespace backproof;

namespace {

constexpr std::int64_t refused = -1;

// How many rows; the same however the text is cut.
std::int64_t count(const std::string& text, std::size_t step) {
  PgRowWatch watch;
  const ByteView bytes = as_bytes(text);
  for (std::size_t at = 0; at < bytes.size(); at += step)
    if (const auto seen = watch.see(bytes.subspan(at, std::min(step, bytes.size() - at))); !seen) {
      CHECK(seen.error().cause == Cause::damaged);
      return refused;
    }
  return static_cast<std::int64_t>(watch.rows());
}

// Once byte by byte, and once behind a long row, with most of it read in blocks.
void check(const std::string& text, std::int64_t rows, const std::string& line_break = "\n") {
  const std::string longer = std::string(300, 'x') + line_break + text;
  INFO(text);
  for (std::size_t step = 1; step <= longer.size(); ++step) {
    REQUIRE(count(text, step) == rows);
    REQUIRE(count(longer, step) == (rows == refused ? refused : rows + 1));
  }
}

}  // namespace

TEST_CASE("rows of a COPY are counted at the newlines that end one") {
  check("a\nb\\\nc\\\\\nd\n\n", 4);
  check("", 0);
  check("\\N\t\\.x\n", 1);
  check("C:\\\\.\n", 1);
  check("a.\n.\n\\\r\n", 3);
  check("a\r\nb\r\n\r\n", 3, "\r\n");
}

TEST_CASE("a row that ends with the mark of the end of all rows is refused") {
  check("a\\.\nb\n", refused);
  check("a\t\\.\n", refused);
  check("a\\\\\\.\n", refused);
  check("a\r\nb\\.\r\n", refused, "\r\n");
}

TEST_CASE("rows that end in different ways are refused") {
  check("a\nb\r\nc\n", refused);
  check("a\r\nb\nc\r\n", refused, "\r\n");
  check("a\rb\n", refused);
}

TEST_CASE("rows are counted alike in blocks and byte by byte") {
  test::Random random(11);
  static constexpr std::string_view letters = "ab.\\\\\n\n\tcdefghijklmnopqrst";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::size_t i = random.below(1500); i > 0; --i)
      text += random.below(8) == 0 ? letters[random.below(letters.size())] : 'x';
    INFO(text);
    const std::int64_t one = count(text, 1);
    REQUIRE(count(text, 4096) == one);
    REQUIRE(count(text, 1 + random.below(400)) == one);
  }
}
