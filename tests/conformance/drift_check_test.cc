// SPDX-License-Identifier: Apache-2.0
// What the check drift says of a restored database; when it has something to say is the matter of
// the simulation.
#include <algorithm>

#include "db/sqlite_database.h"
#include "runner/plan.h"
#include "support/config.h"
#include "support/damage.h"
#include "support/sqlite_zoo.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Of a database that lost the table "queue" since its earlier passes.
std::vector<CheckResult> without_queue(const std::string& options) {
  const Folder folder;
  run_sql(folder / "now.db", "CREATE TABLE kept(a); INSERT INTO kept VALUES (1);");
  auto database = open_sqlite_database(folder / "now.db", {});
  REQUIRE(database);
  const ParsedConfig parsed = parse(with_target("check = [{ kind = \"drift\", " + options + " }]"));
  INFO(shown(parsed.problems));
  REQUIRE(parsed.problems.empty());
  Target target = parsed.config.targets.front();
  target.source = {};
  Problems problems;
  const Plan plan = make_plan(target, problems);
  Memory memory;
  for (int night = 20; night > 0; --night)
    memory.push_back({"sha of " + std::to_string(night),
                      at("2026-11-01T00:00:00Z") + std::chrono::days(night),
                      8192,
                      {{"main", "kept", 1}, {"main", "queue", 500}}});
  Run run;
  run.backup.created = run.backup.modified = at("2026-11-25T12:00:00Z");
  run.restored_bytes = 8192;
  const RunContext context{system_clock(), [](auto, auto) {}};
  for (const PlannedCheck& planned : plan.checks)
    if (std::string_view(planned.kind->name) == "drift")
      return planned.check->run({**database, run, memory}, context);
  return {};
}

const CheckResult& vanished(const std::vector<CheckResult>& results) {
  const auto found = std::ranges::find(results, "vanished main.queue", &CheckResult::subject);
  REQUIRE(found != results.end());
  return *found;
}

}  // namespace

TEST_CASE("a kind of drift that is set to fail is enforced, any other warns") {
  CHECK(vanished(without_queue("vanished = \"fail\"")).enforced);
  CHECK_FALSE(vanished(without_queue("dropped = \"fail\"")).enforced);
}

TEST_CASE("what is expected is suppressed by the table's name, and says until when and why") {
  for (const char* table : {"queue", "main.queue"}) {
    const auto results =
        without_queue("vanished = \"fail\", suppress = [{ table = \"" + std::string(table) +
                      "\", until = \"2999-01-31\", reason = \"emptied for the migration\" }]");
    CHECK_FALSE(vanished(results).enforced);
    CHECK(vanished(results).detail == "suppressed until 2999-01-31: emptied for the migration");
  }
}

TEST_CASE("a suppression that is over, or of another table or kind, suppresses nothing") {
  for (const char* other :
       {"table = \"queue\", until = \"2026-01-31\"", "table = \"ueue\", until = \"2999-01-31\"",
        "what = \"dropped\", until = \"2999-01-31\""})
    CHECK(vanished(without_queue("vanished = \"fail\", suppress = [{ " + std::string(other) +
                                 ", reason = \"known\" }]"))
              .enforced);
}
