// SPDX-License-Identifier: Apache-2.0
#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Boxed<DrillSpec> drill_of(const std::string& lines) {
  const ParsedConfig parsed = parse(with_target(lines));
  INFO(shown(parsed.problems));
  REQUIRE(parsed.problems.empty());
  return parsed.config.targets.at(0).drill;
}

const std::string backup =
    "backup = { sqlite = \"/srv/shop.db\", output = \"/backup/shop-{time}.db\" }\n";

}  // namespace

TEST_CASE("a target without a drill table is not drilled, and one with it quarterly") {
  CHECK_FALSE(drill_of(""));
  const auto drill = drill_of(backup + "drill = {}");
  REQUIRE(drill);
  CHECK(drill->schedule->expression() == "0 4 1 */3 *");
  CHECK(drill->command_timeout == 1h);
  CHECK(drill->guard);
  CHECK(drill->canary.table.empty());
  CHECK_FALSE(drill_of(backup + "drill = { schedule = \"none\" }")->schedule);
}

TEST_CASE("a drill's commands and its canary are read") {
  const auto drill = drill_of(
      "drill = { backup_command = \"b\", restore_command = \"r\", smoke_command = \"s\", "
      "command_timeout = \"5m\", guard = false, canary = { table = \"public.c\", key = \"k\", time "
      "= \"t\", postgresql = \"postgresql://c@db/shop\", password_file = \"/etc/c\" } }");
  REQUIRE(drill);
  CHECK(drill->backup_command == "b");
  CHECK(drill->restore_command == "r");
  CHECK(drill->smoke_command == "s");
  CHECK(drill->command_timeout == 5min);
  CHECK_FALSE(drill->guard);
  CHECK(drill->canary ==
        CanarySpec{"public.c", "k", "t", {{}, "postgresql://c@db/shop", "/etc/c"}});
  CHECK(drill_of(backup + "drill = { canary = { table = \"c\" } }")->canary.database.sqlite ==
        "/srv/shop.db");
}

TEST_CASE("what a drill lacks is said") {
  const auto wrong = [](const std::string& lines) { return problems_of(with_target(lines)); };
  CHECK(has(wrong("drill = {}"), "does not say how a backup is taken"));
  CHECK(has(wrong(backup + "drill = { canary = {} }"), "table"));
  CHECK(has(wrong("drill = { backup_command = \"b\", canary = { table = \"c\" } }"),
            "expected either sqlite or postgresql"));
  CHECK(has(wrong(backup + "drill = { schedule = \"sometimes\" }"), "schedule"));
  CHECK(has(wrong(backup + "drill = { restore_comand = \"x\" }"),
            "did you mean \"restore_command\"?"));
  CHECK(has(wrong(backup + "drill = { canary = { table = \"c\", postgresql = "
                           "\"postgresql://a:b@h/d\" } }"),
            "password"));
  CHECK_FALSE(has(wrong(backup + "drill = { canary = { table = \"c\", postgresql = "
                                 "\"postgresql://a:hunter2@h/d\" } }"),
                  "hunter2"));
}
