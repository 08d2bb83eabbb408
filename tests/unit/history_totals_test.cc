// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"
#include "history/totals.h"
#include "history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("a run adds its stages, checks, bytes and cause to the totals") {
  Run run = passed_at(start);
  run.checks.push_back(
      {"row_count", "lines", Verdict::failed, Cause::check_failed, true, true, "1", "2", "", {}});
  run.checks.push_back({"integrity",
                        "",
                        Verdict::inconclusive,
                        Cause::timeout,
                        false,
                        false,
                        "",
                        "",
                        "out of time",
                        {}});
  run.stages.push_back({Stage::restore, 500ms, {}});
  conclude(run);

  const Totals totals = history::totals_of(run);
  CHECK(totals.runs == 1);
  CHECK(totals.failures == std::map<Cause, std::uint64_t>{{Cause::check_failed, 1}});
  CHECK(totals.phases.at(Stage::fetch) == 1s);
  CHECK(totals.phases.at(Stage::restore) == 2s);
  CHECK(totals.checks == std::map<std::string, std::uint64_t>{{"row_count", 2}, {"integrity", 1}});
  CHECK(totals.check_failures ==
        std::map<std::string, std::uint64_t>{{"row_count", 1}, {"integrity", 1}});
  CHECK(totals.restored_bytes == 4096);
}

TEST_CASE("a pass raises no failure, and time that ran backwards raises nothing") {
  Run run = passed_at(start);
  run.stages = {{Stage::fetch, -5s, {}}};
  const Totals totals = history::totals_of(run);
  CHECK(totals.failures.empty());
  CHECK(totals.phases.at(Stage::fetch) == 0s);
}

TEST_CASE("totals of several targets do not mix") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  REQUIRE(store->finish(passed_at(start)));
  REQUIRE(store->finish(failed_at(start + 1h, "erp", Cause::truncated)));
  REQUIRE(store->finish(failed_at(start + 2h, "erp", Cause::timeout)));
  REQUIRE(store->finish(failed_at(start + 3h, "erp", Cause::timeout)));
  CHECK(store->history_of("crm")->totals.failures.empty());
  CHECK(store->history_of("erp")->totals.failures ==
        std::map<Cause, std::uint64_t>{{Cause::truncated, 1}, {Cause::timeout, 2}});
  CHECK(store->history_of("erp")->totals.phases.at(Stage::fetch) == 6s);
}

TEST_CASE("a total stops at the largest number instead of falling") {
  const Folder folder;
  auto db = history::open_database(folder / "history.db");
  REQUIRE(db);
  Totals by;
  by.restored_bytes = UINTMAX_MAX;
  REQUIRE(history::raise_totals(*db, "crm", by));
  by.restored_bytes = 4096;
  REQUIRE(history::raise_totals(*db, "crm", by));
  CHECK(history::read_totals(*db, "crm")->restored_bytes == INT64_MAX);
}

TEST_CASE("totals with names of a later version are left alone") {
  const Folder folder;
  auto db = history::open_database(folder / "history.db");
  REQUIRE(db);
  REQUIRE(
      db->run("INSERT INTO totals VALUES ('crm', 'failures', 'solar_flare', 3), "
              "('crm', 'applause', '', 9), ('crm', 'runs', '', 7)"));
  const auto totals = history::read_totals(*db, "crm");
  REQUIRE(totals);
  CHECK(totals->runs == 7);
  CHECK(totals->failures.empty());
}
