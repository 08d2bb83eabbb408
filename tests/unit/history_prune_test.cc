// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"
#include "history_runs.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr Duration day = 24h;

Run recorded(HistoryStore& store, const Run& run) {
  REQUIRE(store.finish(run));
  return run;
}

}  // namespace

TEST_CASE("failures are kept longer than passes") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, passed_at(start - 500 * day));
  recorded(*store, failed_at(start - 450 * day));
  recorded(*store, failed_at(start - 440 * day, "crm", Cause::timeout));
  recorded(*store, passed_at(start - 100 * day));
  const Run failed = recorded(*store, failed_at(start - 100 * day + 1h));
  const Run passed = recorded(*store, passed_at(start - 1 * day));

  const auto forgotten = store->prune({}, start);
  REQUIRE(forgotten);
  CHECK(*forgotten == 4);
  const auto left = store->list({});
  REQUIRE(left->size() == 2);
  CHECK((*left)[0].id == passed.id);
  CHECK((*left)[1].id == failed.id);
  CHECK(*store->prune({}, start) == 0);
}

TEST_CASE("the last, last passed and last restored run of a target are never forgotten") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, passed_at(start - 1000 * day));
  const Run passed = recorded(*store, passed_at(start - 900 * day));
  Run restored = passed_at(start - 800 * day);
  restored.checks[0].verdict = Verdict::failed;
  restored.checks[0].cause = Cause::check_failed;
  conclude(restored);
  recorded(*store, restored);
  recorded(*store, failed_at(start - 750 * day));
  const Run last = recorded(*store, failed_at(start - 700 * day));
  const Run other = recorded(*store, passed_at(start - 2000 * day, "erp"));

  REQUIRE(store->prune({}, start));
  const auto known = store->history_of("crm");
  CHECK(known->last_run->id == last.id);
  CHECK(known->last_passed->id == passed.id);
  CHECK(known->last_restored->id == restored.id);
  CHECK(store->list({})->size() == 4);
  CHECK(store->history_of("erp")->last_run->id == other.id);
}

TEST_CASE("pruning lets neither totals nor consecutive failures fall") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, passed_at(start - 900 * day));
  for (int i = 0; i < 10; ++i) recorded(*store, failed_at(start - (800 - i) * day));
  recorded(*store, failed_at(start - 1 * day));
  CHECK(store->history_of("crm")->consecutive_failures == 11);

  CHECK(*store->prune({}, start) == 10);
  CHECK(store->list({})->size() == 2);
  CHECK(store->history_of("crm")->consecutive_failures == 11);
  CHECK(store->history_of("crm")->totals.runs == 12);
  CHECK(store->history_of("crm")->totals.failures.at(Cause::damaged) == 11);

  recorded(*store, failed_at(start));
  CHECK(store->history_of("crm")->consecutive_failures == 12);
  recorded(*store, passed_at(start + 1h));
  CHECK(store->history_of("crm")->consecutive_failures == 0);
  recorded(*store, failed_at(start + 2h));
  CHECK(store->history_of("crm")->consecutive_failures == 1);
}

TEST_CASE("pruning never forgets that the last backup of which something was proven is bad") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, failed_at(start - 800 * day));
  recorded(*store, failed_at(start - 700 * day));
  for (int i = 0; i < 3; ++i)
    recorded(*store, failed_at(start - (600 - i) * day, "crm", Cause::timeout));
  CHECK(*store->prune({}, start) == 3);
  CHECK(store->history_of("crm")->failed_since_pass);
  CHECK(store->history_of("crm")->consecutive_failures == 5);
  recorded(*store, passed_at(start - 1 * day));
  CHECK(*store->prune({}, start) == 2);
}

TEST_CASE("failures of before the last pass are forgotten without a trace in the count") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, failed_at(start - 800 * day));
  recorded(*store, passed_at(start - 700 * day));
  recorded(*store, failed_at(start - 1 * day));
  CHECK(*store->prune({}, start) == 1);
  CHECK(store->history_of("crm")->consecutive_failures == 1);
}

TEST_CASE("a run that ended in the future is as old as those recorded after it") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run ahead = recorded(*store, failed_at(start + 3000 * day));
  recorded(*store, passed_at(start));
  recorded(*store, passed_at(start + 80 * day));
  CHECK(*store->prune({}, start + 81 * day) == 0);
  // The pass that tells its age goes, and is remembered.
  CHECK(*store->prune({}, start + 91 * day) == 1);
  CHECK(*store->prune({}, start + 399 * day) == 0);
  CHECK((*store->find(ahead.id))->started == ahead.started);
  CHECK(*store->prune({}, start + 401 * day) == 1);
  CHECK_FALSE(*store->find(ahead.id));
  CHECK(store->history_of("crm")->totals.runs == 3);
}

TEST_CASE("a clock that fell back to 1970 makes nothing be forgotten, then or later") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  for (int i = 0; i < 5; ++i) recorded(*store, passed_at(start + i * day));
  recorded(*store, failed_at(TimePoint{} + 1h));
  CHECK(*store->prune({}, TimePoint{} + 2h) == 0);
  recorded(*store, passed_at(start + 6 * day));
  // Only the failure, that says of itself that it is old.
  CHECK(*store->prune({}, start + 7 * day) == 1);
  CHECK(store->list({})->size() == 6);
}

TEST_CASE("what was recorded under a clock that was ahead stays the last when it is") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run old = recorded(*store, failed_at(start - 500 * day));
  const Run ahead = recorded(*store, passed_at(start + 300 * day));
  CHECK(*store->prune({}, start) == 1);
  CHECK_FALSE(*store->find(old.id));
  CHECK(store->history_of("crm")->last_passed->id == ahead.id);
}

TEST_CASE("unfinished runs are never forgotten, however old") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = run_at(start - 3000 * day);
  REQUIRE(store->begin(run));
  recorded(*store, passed_at(start));
  CHECK(*store->prune({}, start) == 0);
  CHECK(*store->find(run.id));
}

TEST_CASE("more runs than one batch are forgotten in one call") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  recorded(*store, passed_at(start - 900 * day));
  {
    auto db = history::open_database(folder / "history.db");
    REQUIRE(db);
    REQUIRE(db->run(R"sql(
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
      INSERT INTO runs
      SELECT NULL, printf('x%06d', i), target, trigger, attempt, started + i, ended + i, verdict, cause,
             restored, backup_path, backup_bytes, backup_sha256, backup_created, document,
             NULL, log FROM runs, n)sql"));
  }
  CHECK(*store->prune({}, start) == 1200);
  CHECK(store->list({"", {}, 10})->size() == 1);
}
