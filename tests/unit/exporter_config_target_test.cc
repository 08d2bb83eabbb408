// SPDX-License-Identifier: Apache-2.0
#include "exporter/config_target.h"

#include "exporter/utf8.h"
#include "support/config.h"
#include "support/support.h"

using namespace backproof;

namespace {

// What is wrong with the name of a target; the reader alone, so that no TOML parser is before it.
std::string problem_with(TargetReader& reader, Problems& problems, const std::string& name) {
  problems.clear();
  reader.read({{"name", Value{name, 1}}}, 1, 1);
  for (const Problem& problem : problems)
    if (problem.text.find("name: ") != std::string::npos) return problem.text;
  return "";
}

}  // namespace

TEST_CASE("names that are not UTF-8 are refused, because two of them could be one label") {
  const TargetSettings defaults;
  const Path folder = "/etc";
  Problems problems;
  TargetReader reader(defaults, folder, problems);
  for (const std::string name : {"crm\xff", "crm\xfe", "\xc3\x28", "\xc0\xaf", "\xed\xa0\x80",
                                 "\xf4\x90\x80\x80", "\xe2\x82"}) {
    INFO(name);
    CHECK_FALSE(problem_with(reader, problems, name).empty());
  }
  CHECK_FALSE(problem_with(reader, problems, std::string("crm\0", 4)).empty());
}

TEST_CASE("a name that is taken is its own label, byte for byte") {
  const TargetSettings defaults;
  const Path folder = "/etc";
  Problems problems;
  TargetReader reader(defaults, folder, problems);
  test::Random random(20261123);
  int taken = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string name = "n" + std::to_string(i) + random.bytes(1 + random.below(3));
    if (!problem_with(reader, problems, name).empty()) continue;
    ++taken;
    REQUIRE(valid_utf8(name) == name);
  }
  CHECK(taken > 100);
}

TEST_CASE("a self-test has a schedule of its own, in the target's time zone") {
  using test::parse, test::with_target, test::problems_of, test::has;
  CHECK_FALSE(parse(with_target("")).config.targets.at(0).selftest);
  CHECK_FALSE(parse(with_target("selftest.schedule = \"none\"")).config.targets.at(0).selftest);
  const auto parsed = parse(
      with_target("time_zone = \"Europe/Berlin\"\n[target.selftest]\nschedule = \"0 4 * * 6\"\n"));
  REQUIRE(parsed.problems.empty());
  const auto& selftest = parsed.config.targets.at(0).selftest;
  REQUIRE(selftest);
  CHECK(selftest->expression() == "0 4 * * 6");
  CHECK(selftest->zone() == "Europe/Berlin");
  CHECK(has(problems_of(with_target("selftest.schedule = \"0 4 30 2 *\"")), "never comes"));
  CHECK(has(problems_of(with_target("selftest = true")), "selftest"));
}
