// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"
#include "history/sql.h"
#include "history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// Each step of the plan on a line.
std::string plan_of(sqlite::Connection& db, std::string_view sql) {
  auto statement = db.prepare("EXPLAIN QUERY PLAN " + std::string(sql));
  REQUIRE(statement);
  std::string plan;
  while (*statement->step()) plan += std::string(statement->text(3)) + "\n";
  return plan;
}

}  // namespace

TEST_CASE("runs are listed newest first, of one target or verdict or all, without their logs") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  REQUIRE(store->finish(failed_at(start + 1h, "erp")));
  REQUIRE(store->finish(passed_at(start + 2h)));
  REQUIRE(store->finish(failed_at(start + 3h)));
  REQUIRE(store->begin(run_at(start + 4h)));

  const auto all = store->list({});
  REQUIRE(all);
  REQUIRE(all->size() == 4);
  for (std::size_t i = 1; i < all->size(); ++i) CHECK((*all)[i - 1].started > (*all)[i].started);
  CHECK((*all)[2].verdict == Verdict::passed);
  CHECK((*all)[2].log.empty());

  CHECK(store->list({"erp", {}, 10})->size() == 1);
  CHECK(store->list({"", Verdict::failed, 10})->size() == 2);
  CHECK(store->list({"crm", Verdict::failed, 10})->size() == 1);
  // A run that has not ended has no verdict yet.
  CHECK(store->list({"crm", Verdict::inconclusive, 10})->empty());
  CHECK(store->list({"", {}, 2})->size() == 2);
  CHECK(store->list({"", {}, UINT64_MAX})->size() == 4);
  CHECK(store->list({"nobody", {}, 10})->empty());
}

TEST_CASE("a run is found by a unique beginning of its id, an ambiguous one says how many fit") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  Run one = passed_at(start), two = passed_at(start), three = passed_at(start + 24h);
  one.id = "20261123T140000Z-aaaa";
  two.id = "20261123T140000Z-aabb";
  three.id = "20261124T140000Z-aaaa";
  for (const Run& run : {one, two, three}) REQUIRE(store->finish(run));

  CHECK((*store->find("20261124"))->id == three.id);
  CHECK((*store->find("20261123T140000Z-aab"))->id == two.id);
  CHECK((*store->find(one.id))->id == one.id);
  CHECK_FALSE(*store->find("2025"));
  CHECK_FALSE(*store->find(""));
  CHECK_FALSE(*store->find("\xff"));
  CHECK_FALSE(*store->find("2026%"));
  const auto ambiguous = store->find("20261123");
  REQUIRE_FALSE(ambiguous);
  CHECK(ambiguous.error().text == "2 runs have an id that begins with 20261123");
}

TEST_CASE("a whole id is unique although another one begins with it") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  Run shorter = passed_at(start), longer = passed_at(start);
  shorter.id = "20261123T140000Z-aa";
  longer.id = shorter.id + "bb";
  REQUIRE(store->finish(longer));
  REQUIRE(store->finish(shorter));
  CHECK((*store->find(shorter.id))->id == shorter.id);
}

TEST_CASE("the history of a target knows its last run, last pass and last restore") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run passed = passed_at(start);
  Run restored = passed_at(start + 1h);
  restored.checks[0].verdict = Verdict::failed;
  restored.checks[0].cause = Cause::check_failed;
  conclude(restored);
  const Run failed = failed_at(start + 2h);
  for (const Run& run : {passed, restored, failed}) REQUIRE(store->finish(run));
  REQUIRE(store->finish(passed_at(start + 3h, "erp")));

  const auto known = store->history_of("crm");
  REQUIRE(known);
  CHECK(known->last_run->id == failed.id);
  CHECK(known->last_passed->id == passed.id);
  CHECK(known->last_passed->log.empty());
  CHECK(known->last_restored->id == restored.id);
  CHECK(known->consecutive_failures == 2);
  CHECK(known->totals.runs == 3);
}

TEST_CASE("a restore of an older backup takes no place of the newest one's") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run newest = passed_at(start);
  Run older = passed_at(start + 1h);
  older.backup.newest = false;
  REQUIRE(store->finish(newest));
  REQUIRE(store->finish(older));
  const auto known = store->history_of("crm");
  REQUIRE(known);
  CHECK(known->last_passed->id == older.id);
  CHECK_FALSE(known->last_passed->backup.newest);
  REQUIRE(known->last_restored);
  CHECK(known->last_restored->id == newest.id);
}

TEST_CASE("a run of a day on which the clock was a year ahead hides no later failure") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run ahead = passed_at(start + 365 * 24h), failed = failed_at(start);
  REQUIRE(store->finish(ahead));
  REQUIRE(store->begin(failed));
  REQUIRE(store->finish(failed));
  const auto known = store->history_of("crm");
  CHECK(known->last_run->id == failed.id);
  CHECK(known->last_passed->id == ahead.id);
  CHECK(known->consecutive_failures == 1);
  CHECK(store->list({"crm", {}, 1})->front().id == failed.id);
  CHECK(store->list({})->front().id == failed.id);
  REQUIRE(store->finish(passed_at(start + 1h)));
  CHECK(store->history_of("crm")->consecutive_failures == 0);
  CHECK(store->history_of("crm")->last_restored->started == start + 1h);
}

TEST_CASE("of two overlapping runs of a target the one that finished last is the last") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run scheduled = failed_at(start), manual = passed_at(start + 1h);
  REQUIRE(store->begin(scheduled));
  REQUIRE(store->begin(manual));
  CHECK(store->list({})->front().id == manual.id);
  REQUIRE(store->finish(manual));
  CHECK(store->history_of("crm")->last_run->id == manual.id);
  REQUIRE(store->finish(scheduled));
  CHECK(store->history_of("crm")->last_run->id == scheduled.id);
  CHECK(store->history_of("crm")->consecutive_failures == 1);
  CHECK(store->list({})->front().id == scheduled.id);
}

TEST_CASE("consecutive failures count all runs before the first pass, and none after a pass") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  for (int i = 0; i < 5; ++i) REQUIRE(store->finish(failed_at(start + i * 1h)));
  CHECK(store->history_of("crm")->consecutive_failures == 5);
  REQUIRE(store->finish(passed_at(start + 6h)));
  CHECK(store->history_of("crm")->consecutive_failures == 0);
  REQUIRE(store->finish(failed_at(start + 7h, "crm", Cause::timeout)));
  CHECK(store->history_of("crm")->consecutive_failures == 1);
}

TEST_CASE("what failed stays failed until a run passes, whatever could not tell in between") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const auto is_bad = [&] { return store->history_of("crm")->failed_since_pass; };
  CHECK_FALSE(is_bad());
  REQUIRE(store->finish(failed_at(start, "crm", Cause::timeout)));
  CHECK_FALSE(is_bad());
  REQUIRE(store->finish(failed_at(start + 1h)));
  CHECK(is_bad());
  REQUIRE(store->finish(failed_at(start + 2h, "crm", Cause::interrupted)));
  REQUIRE(store->finish(passed_at(start + 3h, "erp")));
  CHECK(is_bad());
  REQUIRE(store->finish(passed_at(start + 4h)));
  CHECK_FALSE(is_bad());
  REQUIRE(store->finish(failed_at(start + 5h, "crm", Cause::timeout)));
  CHECK_FALSE(is_bad());
}

TEST_CASE("a target that never ran has an empty history") {
  const Folder folder;
  const auto known = history_at(folder / "history.db")->history_of("nobody");
  REQUIRE(known);
  CHECK_FALSE(known->last_run);
  CHECK(known->consecutive_failures == 0);
  CHECK(known->totals.runs == 0);
}

TEST_CASE("every frequent question is answered from an index, in its order") {
  const Folder folder;
  auto opened = history::open_database(folder / "history.db");
  REQUIRE(opened);
  sqlite::Connection& db = *opened;
  std::vector<std::string> questions{std::string(history::last_run_sql),
                                     std::string(history::last_passed_sql),
                                     std::string(history::untold_sql),
                                     std::string(history::last_restored_sql),
                                     std::string(history::failures_since_sql),
                                     std::string(history::failed_since_sql),
                                     std::string(history::unfinished_sql),
                                     std::string(history::prunable_sql),
                                     std::string(history::redate_sql),
                                     std::string(history::last_drill_sql),
                                     std::string(history::last_drill_ended_sql),
                                     std::string(history::drills_of_sql),
                                     std::string(history::unfinished_drills_sql),
                                     std::string(history::old_logs_sql),
                                     std::string(history::surplus_logs_sql),
                                     history::list_sql({}),
                                     history::list_sql({"crm", {}, 1}),
                                     history::list_sql({"", Verdict::failed, 1}),
                                     history::list_sql({"crm", Verdict::failed, 1})};
  for (const std::string& sql : questions) {
    const std::string plan = plan_of(db, sql);
    INFO(sql << "\n" << plan);
    const bool is_of_all = sql == history::list_sql({});
    CHECK((is_of_all || plan.find("USING") != std::string::npos));
    CHECK(plan.find("TEMP B-TREE") == std::string::npos);
    for (std::size_t scan = plan.find("SCAN"); scan != std::string::npos;
         scan = plan.find("SCAN", scan + 1)) {
      const std::string line = plan.substr(scan, plan.find('\n', scan) - scan);
      // The list of everything reads the rows in their order, the few unfinished runs an index.
      const bool of_index = (is_of_all && line == "SCAN runs") ||
                            line.find("USING INDEX runs_unfinished") != std::string::npos ||
                            line.find("USING INDEX drills_unfinished") != std::string::npos ||
                            line == "SCAN CONSTANT ROW";
      CHECK(of_index);
    }
  }
}

TEST_CASE("ten thousand runs of fifty targets are recorded, summed and asked for") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  {
    // Written in one transaction by a connection of the test's own: the store's syncs each run.
    REQUIRE(store->finish(passed_at(start, "t0")));
    auto db = history::open_database(folder / "history.db");
    REQUIRE(db);
    REQUIRE(db->run(R"sql(
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
      INSERT INTO runs
      SELECT NULL, printf('x%06d', i), printf('t%d', i % 50), trigger, attempt, started + i * 1000000,
             ended, iif(i % 3, 'failed', 'passed'), 'none', i % 2, backup_path, backup_bytes,
             backup_sha256, backup_created,
             replace(document, '"t0"', printf('"t%d"', i % 50)), NULL, log FROM runs, n;
      UPDATE runs SET cause = 'damaged' WHERE verdict = 'failed')sql"));
  }
  for (int i = 0; i < 50; ++i) {
    const auto known = store->history_of("t" + std::to_string(i));
    REQUIRE(known);
    CHECK(known->last_run);
    CHECK(known->last_passed);
  }
  CHECK(store->list({"", {}, 50})->size() == 50);
  CHECK(store->list({"t7", {}, 1000})->size() == 200);
}
