// SPDX-License-Identifier: Apache-2.0
// The README's detection matrix is the list of the tests in this folder.
#include <algorithm>
#include <cstdlib>

#include "support/damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Damages without a number come last; tests are linked in no particular order.
std::string matrix() {
  std::vector<Damage> rows = all_damages();
  std::stable_sort(rows.begin(), rows.end(), [](const Damage& a, const Damage& b) {
    const auto key = [](const Damage& d) {
      return std::pair((d.number == "more" ? "Z" : "") + d.number, d.what);
    };
    return key(a) < key(b);
  });
  std::string table =
      "| number | backup | verdict | cause | seen by |\n| --- | --- | --- | --- | --- |\n";
  for (const Damage& row : rows) {
    const bool passed = row.verdict == Verdict::passed;
    const std::string seen = !passed ? row.seen : row.seen.empty() ? "" : "warning: " + row.seen;
    table += "| " + (row.number == "more" ? "" : row.number) + " | " + row.what + " | " +
             std::string(name_of(row.verdict)) + " | " +
             (passed ? "" : std::string(name_of(row.cause))) + " | " + seen + " |\n";
  }
  return table;
}

}  // namespace

TEST_CASE("the README's detection matrix is what the tests demand") {
  const Path file = Path(BACKPROOF_SOURCE_DIR) / "README.md";
  std::string text = content_of(file);
  const std::string open = "<!-- matrix -->\n";
  const std::size_t begin = text.find(open) + open.size();
  const std::size_t size = text.find("<!-- end of matrix -->") - begin;
  if (std::getenv("BACKPROOF_RENEW_README") != nullptr) {
    text.replace(begin, size, matrix());
    REQUIRE(write_atomic(file, text));
    return;
  }
  CHECK(text.substr(begin, size) == matrix());
}
