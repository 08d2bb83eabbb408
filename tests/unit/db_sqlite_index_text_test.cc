// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_index_text.h"

#include "support/support.h"

namespace backproof::test {
namespace {

TEST_CASE("a CREATE INDEX statement is cut into name, columns and predicate") {
  const auto index = parse_index_text(
      "CREATE UNIQUE INDEX \"my \"\"index\" ON [a (table](a COLLATE NOCASE DESC, lower(b) ASC,\n"
      " 'x,)' || c /* , */, desc) WHERE a > 0 AND b IN (1, 2) -- end");
  REQUIRE(index);
  CHECK(index->name == "my \"index");
  CHECK(index->columns == std::vector<std::string>{"a COLLATE NOCASE \n", "lower(b) \n",
                                                   "'x,)' || c /* , */\n", "desc\n"});
  CHECK(index->where == "a > 0 AND b IN (1, 2) -- end\n");
}

TEST_CASE("text that is no complete CREATE INDEX is not understood") {
  for (const char* sql :
       {"", "CREATE", "CREATE TABLE t(a)", "CREATE INDEX i", "CREATE INDEX i ON t",
        "CREATE INDEX i ON t(", "CREATE INDEX i ON t(a", "CREATE INDEX i ON t(a) WITH x",
        "CREATE INDEX 'i", "CREATE INDEX i ON t(a /*"})
    CHECK_FALSE(parse_index_text(sql));
}

}  // namespace
}  // namespace backproof::test
