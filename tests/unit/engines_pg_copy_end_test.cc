// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/copy_end.h"

#include <algorithm>
#include <optional>
#include <string>

#include "support/support.h"

using namespace backproof;

namespace {

struct Block {
  std::string rows;
  std::optional<std::size_t> behind;  // where the text goes on
  bool operator==(const Block&) const = default;
};

Block read(std::string_view text, std::size_t step) {
  PgCopyEnd end;
  Block block;
  std::size_t begin = 0;
  for (std::size_t have = 0; have < text.size();) {
    have = std::min(text.size(), have + step);
    const auto found = end.find(text.substr(begin, have - begin), have == text.size());
    block.rows += text.substr(begin, found.rows);
    begin += found.rows + found.behind;
    if (!found.end) continue;
    block.behind = begin;
    break;
  }
  return block;
}

void check(const std::string& text, const std::string& rows, std::optional<std::size_t> behind) {
  INFO(text);
  for (std::size_t step = 1; step <= text.size(); ++step)
    REQUIRE(read(text, step) == Block{rows, behind});
}

}  // namespace

TEST_CASE("the rows of a COPY end at the line of a backslash and a dot") {
  check("a\nb\n\\.\nrest", "a\nb\n", 7);
  check("\\.\nrest", "", 3);
  check("a\r\n\\.\r\nrest", "a\r\n", 7);
  check("a\n\\.", "a\n", 4);
  check("\n\n\\.\n", "\n\n", 5);
}

TEST_CASE("what looks like the end of the rows is a row") {
  check("\\\\.\na\\.\n\\.x\n\\N\n\\.\n", "\\\\.\na\\.\n\\.x\n\\N\n", 18);
  check("\\..\n\\. \n", "\\..\n\\. \n", std::nullopt);
  check("a\\\n\\.\n", "a\\\n", 6);
  check("a\n\\", "a\n\\", std::nullopt);
  check("\\", "\\", std::nullopt);
  check("", "", std::nullopt);
}

TEST_CASE("the end of the rows is found wherever it lies in long rows") {
  test::Random random(3);
  for (int round = 0; round < 300; ++round) {
    std::string rows;
    while (rows.size() < 200 + random.below(900))
      rows += std::string(random.below(200), 'x') + (random.below(2) == 0 ? "\n" : "\n\\N\n");
    rows += '\n';
    const std::string text = rows + "\\.\n" + std::string(random.below(300), 'y');
    REQUIRE(read(text, text.size()) == Block{rows, rows.size() + 3});
    REQUIRE(read(text, 1 + random.below(400)) == Block{rows, rows.size() + 3});
    REQUIRE(count_lines(text) ==
            static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')));
  }
}
