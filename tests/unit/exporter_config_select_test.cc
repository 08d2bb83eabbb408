// SPDX-License-Identifier: Apache-2.0
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Target target_with(const std::string& lines) {
  const ParsedConfig parsed = parse(with_target(lines));
  INFO(shown(parsed.problems));
  REQUIRE(parsed.problems.empty());
  return parsed.config.targets.at(0);
}

std::string wrong(const std::string& select) {
  return problems_of(with_target("select = " + select + "\n"));
}

}  // namespace

TEST_CASE("a policy is a word, or a table with what it needs") {
  CHECK(target_with("").select == SelectSpec{});
  CHECK(target_with("select = \"newest\"").select == SelectSpec{});
  CHECK(target_with("select = { policy = \"newest\" }").select == SelectSpec{});
  CHECK(target_with("select = { policy = \"random\", count = 3 }").select ==
        SelectSpec{Policy::random, 3, {}});
  CHECK(target_with("select = { policy = \"coverage\", within = \"30d\" }").select ==
        SelectSpec{Policy::coverage, 1, 30 * 24h});
  CHECK(target_with("schedule = \"@daily\"\nselect = { policy = \"every_new\", within = \"5d\" }")
            .select == SelectSpec{Policy::every_new, 1, 5 * 24h});
}

TEST_CASE("with every_new a backup may wait for two rounds, and no pass is due without a new one") {
  const Target target = target_with("schedule = \"@daily\"\nselect = \"every_new\"");
  CHECK(target.select.within == 3168min);  // 2.2 days
  CHECK(target.max_age == 0s);
  CHECK(target_with("select = \"every_new\"\nmax_age = \"9d\"").max_age == 9 * 24h);
  CHECK(target_with("schedule = \"none\"\nselect = \"every_new\"").select.within == 0s);
  CHECK(target_with("select = { policy = \"random\", count = 1 }").max_age == 22'176min);
}

TEST_CASE("what a policy lacks, or does not know, is said with its line") {
  CHECK(has(wrong("\"newst\""), "c.toml:4: target \"crm\": select: expected one of newest, "));
  CHECK(has(wrong("\"newst\""), "did you mean \"newest\"?"));
  CHECK(has(wrong("\"random\""), "random needs a count"));
  CHECK(has(wrong("\"coverage\""), "within = \"30d\""));
  CHECK(has(wrong("{ count = 3 }"), "add policy = \"...\", one of newest, every_new"));
  CHECK(has(wrong("{ policy = \"random\" }"), "count: random needs a count"));
  CHECK(has(wrong("{ policy = \"random\", count = 0 }"), "count"));
  CHECK(has(wrong("{ policy = \"coverage\" }"), "within: coverage needs a time"));
  CHECK(has(wrong("{ policy = \"newest\", count = 2 }"), "unknown key \"count\""));
  CHECK(
      has(wrong("{ policy = \"random\", count = 2, within = \"3d\" }"), "unknown key \"within\""));
  CHECK(has(wrong("3"), "select"));
}

TEST_CASE("coverage within less than the schedule's interval is impossible, and refused") {
  CHECK(has(wrong("{ policy = \"coverage\", within = \"2d\" }"),
            "within: expected at least 7d, got 2d"));
  CHECK(target_with("schedule = \"@daily\"\nselect = { policy = \"coverage\", within = \"2d\" }")
            .select.within == 48h);
}
