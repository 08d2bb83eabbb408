// SPDX-License-Identifier: Apache-2.0
#include "history/schema.h"
#include "history_runs.h"

// The logs of runs: kept beside them, and forgotten sooner.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr Duration day = 24h;

// Whether the run is there, and whether with its log.
bool has_run(const HistoryStore& store, const std::string& id) {
  return store.find(id)->has_value();
}
bool has_log(const HistoryStore& store, const std::string& id) {
  const auto run = store.find(id);
  REQUIRE(run);
  return *run && !(*run)->log.empty();
}

Run with_log(Run run) {
  run.log = {{run.started, "began"}, {run.started, "ended"}};
  return run;
}

}  // namespace

TEST_CASE("a log is forgotten by its age, and its run stays") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run old = passed_at(start - 31 * day), young = passed_at(start - 29 * day);
  REQUIRE(store->finish(old));
  REQUIRE(store->finish(young));
  REQUIRE(store->prune({}, start));
  CHECK(has_run(*store, old.id));
  CHECK_FALSE(has_log(*store, old.id));
  CHECK(has_log(*store, young.id));
  CHECK((*store->find(old.id))->checks.size() == 1);
  CHECK(store->history_of("crm")->totals.runs == 2);
}

TEST_CASE("of each target so many logs stay, the newest") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  std::vector<Run> runs;
  for (int i = 0; i < 20; ++i) {
    runs.push_back(passed_at(start - 20h + i * 1h));
    REQUIRE(store->finish(runs.back()));
  }
  const Run other = passed_at(start - 30h, "erp");
  REQUIRE(store->finish(other));
  Retention retention;
  retention.logs_per_target = 5;
  REQUIRE(store->prune(retention, start));
  for (std::size_t i = 0; i < runs.size(); ++i) CHECK(has_log(*store, runs[i].id) == (i >= 15));
  CHECK(has_log(*store, other.id));
  CHECK(store->list({"crm", {}, 100})->size() == 20);
}

TEST_CASE("the log of a target's last run that did not pass stays, however old it is") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run before = with_log(failed_at(start - 300 * day));
  const Run last = with_log(failed_at(start - 200 * day, "crm", Cause::timeout));
  const Run passed = passed_at(start - 100 * day);
  for (const Run& run : {before, last, passed}) REQUIRE(store->finish(run));
  Retention retention;
  retention.logs_per_target = 1;
  REQUIRE(store->prune(retention, start));
  CHECK_FALSE(has_log(*store, before.id));
  CHECK(has_log(*store, last.id));
  CHECK_FALSE(has_log(*store, passed.id));
}

TEST_CASE("years of daily runs with a clean-up a day keep the logs of thirty days and no more") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  std::string failed;
  for (int i = 0; i < 3 * 365; ++i) {
    const TimePoint now = start + i * day;
    const bool fails = i % 400 == 7;
    const Run run = fails ? with_log(failed_at(now)) : passed_at(now);
    if (fails) failed = run.id;
    REQUIRE(store->finish(run));
    if (i % 10 != 9) continue;  // at every clean-up nothing but the newest is left
    REQUIRE(store->prune({}, now));
    std::size_t logs = 0;
    const std::vector<Run> left = store->list({"", {}, 10'000}).value();
    for (const Run& kept : left) logs += has_log(*store, kept.id) ? 1U : 0U;
    CHECK(logs <= 32);
    CHECK(logs >= std::min<std::size_t>(static_cast<std::size_t>(i), 30));
    CHECK((failed.empty() || has_log(*store, failed)));
  }
  CHECK(store->history_of("crm")->totals.runs == 3 * 365);
}

TEST_CASE("a clock that fell back to 1970 forgets no log, then or later") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = passed_at(start);
  REQUIRE(store->finish(run));
  REQUIRE(store->finish(passed_at(TimePoint{} + 1h)));
  REQUIRE(store->prune({}, TimePoint{} + 2h));
  REQUIRE(store->finish(passed_at(start + 1h)));
  REQUIRE(store->prune({}, start + 2h));
  CHECK(has_log(*store, run.id));
}

TEST_CASE("the log of a run that was interrupted says so") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = run_at(start);
  REQUIRE(history_at(folder / "history.db")->begin(run));
  REQUIRE(*store->recover(start + 1h) == 1);
  const auto found = *store->find(run.id);
  REQUIRE(found->log.size() == 1);
  CHECK(found->log[0].text == "run ended");
  CHECK(found->log[0].fields.at(1) == LogField{"cause", "interrupted"});
}

TEST_CASE("a history whose logs lie in the documents has them beside them afterwards") {
  const Folder folder;
  const Path file = folder / "history.db";
  const Run run = passed_at(start), silent = failed_at(start + 1h);
  {
    const auto store = history_at(file);
    REQUIRE(store->finish(run));
    REQUIRE(store->finish(silent));
  }
  {
    auto db = sqlite::Connection::open(file.native());
    REQUIRE(db);
    REQUIRE(
        db->run("UPDATE runs SET document = json_set(document, '$.log', "
                "json(coalesce(log, '[]'))); DROP INDEX runs_logged; "
                "DROP INDEX runs_logged_of_target; ALTER TABLE runs DROP COLUMN log; "
                "PRAGMA user_version = 5"));
  }
  const auto store = history_at(file);
  CHECK((*store->find(run.id))->log == run.log);
  CHECK((*store->find(silent.id))->log.empty());
  REQUIRE(store->prune({}, start + 31 * day));
  CHECK_FALSE(has_log(*store, run.id));
}
