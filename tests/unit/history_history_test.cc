// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "history_runs.h"
#include "model/run_json.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

bool same_totals(const Totals& a, const Totals& b) {
  return a.runs == b.runs && a.failures == b.failures && a.phases == b.phases &&
         a.checks == b.checks && a.check_failures == b.check_failures && a.misfires == b.misfires &&
         a.restored_bytes == b.restored_bytes;
}

}  // namespace

TEST_CASE("a finished run is found again with everything it held") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = passed_at(start);
  REQUIRE(store->begin(run));
  REQUIRE(store->finish(run));

  const auto found = store->find(run.id);
  REQUIRE(found);
  REQUIRE(*found);
  CHECK(to_json(**found) == to_json(run));
  CHECK((*found)->log.size() == 1);
}

TEST_CASE("a run is visible as unfinished between begin and finish, and counts nothing yet") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = run_at(start);
  REQUIRE(store->begin(run));

  const auto runs = store->list({});
  REQUIRE(runs);
  REQUIRE(runs->size() == 1);
  CHECK_FALSE(runs->front().finished);
  const auto known = store->history_of("crm");
  REQUIRE(known);
  CHECK(known->totals.runs == 0);
  CHECK_FALSE(known->last_run);
}

TEST_CASE("beginning a run twice is an error and leaves the first as it was") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = passed_at(start);
  REQUIRE(store->begin(run));
  CHECK_FALSE(store->begin(run));
  REQUIRE(store->finish(run));
  CHECK_FALSE(store->begin(run));
  CHECK((*store->find(run.id))->finished);
}

TEST_CASE("finishing a run twice raises its totals once and keeps the first verdict") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  Run run = passed_at(start);
  REQUIRE(store->begin(run));
  REQUIRE(store->finish(run));
  const Totals once = store->history_of("crm")->totals;

  Run other = failed_at(start);
  other.id = run.id;
  REQUIRE(store->finish(run));
  REQUIRE(store->finish(other));
  CHECK(same_totals(store->history_of("crm")->totals, once));
  CHECK((*store->find(run.id))->verdict == Verdict::passed);
}

TEST_CASE("a result that comes after recover() closed its run takes the interruption's place") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = passed_at(start);
  Run begun = run_at(start);
  begun.id = run.id;
  REQUIRE(store->begin(begun));
  // Somebody tidies up, and to another process it looks as if this one were gone.
  std::filesystem::remove_all(folder / "history.db-owners");
  const Run between = failed_at(start + 1h);
  REQUIRE(store->finish(between));
  REQUIRE(*store->recover(start + 2h) == 0);
  REQUIRE(*history_at(folder / "history.db")->recover(start + 2h) == 1);
  CHECK((*store->find(run.id))->cause == Cause::interrupted);
  // It is no news: it stands where it began.
  CHECK(store->history_of("crm")->last_run->id == between.id);
  const Totals before = store->history_of("crm")->totals;
  CHECK(before.runs == 2);

  REQUIRE(store->finish(run));
  CHECK(to_json(**store->find(run.id)) == to_json(run));
  CHECK(store->list({})->size() == 2);
  const auto known = store->history_of("crm");
  CHECK(known->last_run->id == run.id);
  CHECK(known->last_passed->id == run.id);
  CHECK(known->consecutive_failures == 0);
  CHECK(known->totals.runs == 3);
  CHECK(known->totals.failures == before.failures);
  CHECK(known->totals.failures.at(Cause::interrupted) == 1);
  CHECK(known->totals.restored_bytes == 4096);

  // Once.
  Run other = failed_at(start);
  other.id = run.id;
  REQUIRE(store->finish(run));
  REQUIRE(store->finish(other));
  CHECK(*store->recover(start + 3h) == 0);
  CHECK(same_totals(store->history_of("crm")->totals, known->totals));
  CHECK((*store->find(run.id))->verdict == Verdict::passed);
}

TEST_CASE("a run that says itself that it was interrupted is not replaced") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  const Run run = failed_at(start, "crm", Cause::interrupted);
  REQUIRE(store->begin(run));
  REQUIRE(store->finish(run));
  Run other = passed_at(start);
  other.id = run.id;
  REQUIRE(store->finish(other));
  CHECK(store->history_of("crm")->totals.runs == 1);
  CHECK((*store->find(run.id))->cause == Cause::interrupted);
}

TEST_CASE("a run that was never begun is recorded by finish alone") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  Run run = failed_at(start);
  run.finished = false;
  REQUIRE(store->finish(run));
  const auto known = store->history_of("crm");
  REQUIRE(known->last_run);
  CHECK(known->last_run->id == run.id);
  CHECK(known->last_run->finished);
  CHECK(known->totals.failures.at(Cause::damaged) == 1);
}

TEST_CASE("totals after reopening equal those before, and go on from there") {
  const Folder folder;
  Totals before;
  {
    const auto store = history_at(folder / "history.db");
    REQUIRE(store->finish(passed_at(start)));
    REQUIRE(store->finish(failed_at(start + 1h)));
    REQUIRE(store->misfire("crm", "overlap"));
    before = store->history_of("crm")->totals;
  }
  const auto store = history_at(folder / "history.db");
  CHECK(same_totals(store->history_of("crm")->totals, before));
  REQUIRE(store->misfire("crm", "overlap"));
  REQUIRE(store->finish(passed_at(start + 2h)));
  const Totals after = store->history_of("crm")->totals;
  CHECK(after.runs == 3);
  CHECK(after.misfires.at("overlap") == 2);
  CHECK(after.restored_bytes == 8192);
}

TEST_CASE("the first sighting of a target is the earliest ever given") {
  const Folder folder;
  {
    const auto store = history_at(folder / "history.db");
    CHECK(store->history_of("crm")->created == TimePoint{});
    CHECK(*store->sight("crm", start) == start);
    CHECK(*store->sight("crm", start + 24h) == start);
    CHECK(*store->sight("erp", start + 24h) == start + 24h);
  }
  const auto store = history_at(folder / "history.db");
  CHECK(*store->sight("crm", start + 48h) == start);
  CHECK(*store->sight("crm", start - 1h) == start - 1h);
  CHECK(store->history_of("crm")->created == start - 1h);
}

TEST_CASE("the version changes when another connection wrote, and only then") {
  const Folder folder;
  const auto here = history_at(folder / "history.db");
  const auto there = history_at(folder / "history.db");
  const std::int64_t before = *here->version();
  REQUIRE(here->finish(passed_at(start)));
  CHECK(*here->version() == before);
  REQUIRE(there->finish(passed_at(start + 1h)));
  CHECK(*here->version() != before);
}

TEST_CASE("names of targets and files may be any bytes") {
  const Folder folder;
  const auto store = history_at(folder / "a history #1?%41.db");
  const std::string odd = "it's \"odd\"; DROP TABLE runs;--\n\xff";
  Run run = passed_at(start, odd);
  run.backup.path = "/backups/\xff\xfe\n.db";
  REQUIRE(store->begin(run));
  REQUIRE(store->finish(run));
  CHECK(store->history_of(odd)->totals.runs == 1);
  CHECK(store->list({odd, {}, 10})->size() == 1);
  CHECK(std::filesystem::exists(folder / "a history #1?%41.db"));
}

TEST_CASE("the history is for its owner's eyes, its log included") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  REQUIRE(store->finish(passed_at(start)));
  for (const std::string name : {"history.db", "history.db-wal", "history.db-shm"}) {
    struct stat st {};
    REQUIRE(::stat((folder / name).c_str(), &st) == 0);
    CHECK((st.st_mode & 0777) == 0600);
  }
}
