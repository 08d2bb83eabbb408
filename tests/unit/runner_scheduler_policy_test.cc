// SPDX-License-Identifier: Apache-2.0
#include "unit/runner_scheduler_bench.h"
#include "unit/sources_directory.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Target with_policy(Bench& bench, SelectSpec select) {
  Target target = bench.target("a");
  target.select = select;
  return target;
}

void backup(Bench& bench, const std::string& name, TimePoint modified) {
  set_mtime(bench.folder.write("a/" + name, "x"), modified);
}

}  // namespace

TEST_CASE("a worker is told which backup was chosen, why, and what was passed over") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 30; ++i) backup(bench, "b" + std::to_string(10 + i) + ".db", noon - i * 24h);
  bench.folder.write("a/half.db.partial", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  const Job& job = bench.jobs.at(0);
  CHECK(job.backup.empty());
  CHECK(job.chosen.id == "b10.db");
  CHECK(job.chosen.created == noon);
  REQUIRE(job.notes.size() == 1 + 20 + 1);
  CHECK(job.notes[0] ==
        "chosen: b10.db of 2026-11-23T12:00:00Z, when it was last modified: the newest of 30 "
        "backups");
  CHECK(job.notes[1] == "half.db.partial: still being written, as its ending .partial says");
  CHECK(job.notes[2] == "b11.db of 2026-11-22T12:00:00Z, when it was last modified: older");
  CHECK(job.notes[21] == "and 10 more that were passed over");
  // The run is known by its backup from its beginning.
  CHECK(bench.history->list({}).value().at(0).backup.id == "b10.db");
}

TEST_CASE("F41: every_new empties its backlog, oldest first, one run after the other") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 5; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  bench.configure({with_policy(bench, {Policy::every_new, 1, 48h})});
  bench.scheduler->start();
  wait_for_runs(bench, 5);
  CHECK(verified(bench) == Names{"b4.db", "b3.db", "b2.db", "b1.db", "b0.db"});
  CHECK(bench.jobs[0].trigger == "first");
  CHECK(bench.jobs[1].trigger == "backlog");
  CHECK(bench.state("a").coverage->unverified == 0);
  CHECK(bench.state("a").coverage->passed == 5);
  CHECK(bench.state("a").history.totals.misfires.empty());
  // Nothing new: no run, and nothing was missed.
  bench.clock.set(noon + 16h);
  bench.scheduler->tick();
  wait_for_runs(bench, 5);
  CHECK(bench.state("a").next_due == at("2026-11-25T03:00:00Z"));
  backup(bench, "new.db", noon + 17h);
  bench.clock.set(noon + 39h + 1s);
  bench.scheduler->tick();
  wait_for_runs(bench, 6);
  CHECK(verified(bench).back() == "new.db");
  CHECK(bench.jobs.back().scheduled == at("2026-11-25T03:00:00Z"));
}

TEST_CASE("a due time during the work of the last one is no misfire, and finds what is new") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 2; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  bench.hold_runs();
  bench.configure({with_policy(bench, {Policy::every_new, 1, 48h})});
  bench.scheduler->start();
  bench.begun.acquire();
  backup(bench, "new.db", noon + 1h);
  bench.clock.set(noon + 16h);
  bench.scheduler->tick();
  CHECK(bench.state("a").next_due > noon + 16h);
  bench.let_go(3);
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").history.totals.runs == 3;
  });
  CHECK(verified(bench) == Names{"b1.db", "b0.db", "new.db"});
  CHECK(bench.state("a").history.totals.misfires.empty());
}

TEST_CASE("the backlog of one target keeps no other waiting") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 9; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  Target other = bench.target("z");
  bench.folder.write("z/x.db", "x");
  bench.configure({with_policy(bench, {Policy::every_new, 1, 48h}), other});
  bench.scheduler->tick();
  bench.scheduler->start();
  wait_for_runs(bench, 10);
  const std::lock_guard lock(bench.mutex);
  CHECK(bench.jobs.at(1).target.name == "z");
}

TEST_CASE("what is left of a backlog is taken up after a restart") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 3; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  Run done;
  done.id = "20261123T110000Z-00000000";
  done.target = "a";
  done.started = noon - 1h;
  done.backup = {"b2.db", "", noon - 48h, 1, ""};
  done.backup.modified = noon - 48h;
  done.verdict = Verdict::passed;
  done.cause = Cause::none;
  REQUIRE(bench.history->finish(done));
  bench.configure({with_policy(bench, {Policy::every_new, 1, 48h})});
  bench.scheduler->start();
  wait_for_runs(bench, 3);
  CHECK(verified(bench) == Names{"b1.db", "b0.db"});
  CHECK(bench.jobs[0].trigger == "backlog");
  CHECK(bench.state("a").history.totals.misfires.empty());
}

TEST_CASE("backups that were chosen and are gone are passed over, not found wanting") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 4; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  bench.act = [&](Run& run, const std::stop_token&) {
    if (run.backup.id != "b3.db") return;
    std::filesystem::remove(bench.folder / "a/b2.db");
    bench.folder.write("a/b1.db", "another");
  };
  bench.configure({with_policy(bench, {Policy::every_new, 1, 48h})});
  bench.scheduler->start();
  wait_for_runs(bench, 2);
  CHECK(verified(bench) == Names{"b3.db", "b0.db"});
}

TEST_CASE("random and coverage verify as many as they should at a due time") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 6; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  SECTION("random") {
    bench.configure({with_policy(bench, {Policy::random, 3, {}})});
    bench.scheduler->start();
    wait_for_runs(bench, 3);
  }
  SECTION("coverage") {
    bench.configure({with_policy(bench, {Policy::coverage, 1, 4 * 24h})});
    bench.scheduler->start();
    wait_for_runs(bench, 3);
    CHECK(verified(bench) == Names{"b0.db", "b5.db", "b4.db"});
    CHECK(bench.state("a").coverage->unverified == 3);
  }
}

TEST_CASE("F23: the scheduler verifies what is newest by its content") {
  SchedulerSettings settings;
  settings.looker = [](const Target&, const Backup& backup) -> Result<Look> {
    Look look{backup.id, backup.version, {}, {}, ""};
    if (backup.id == "copy.dump") look.content = exactly(noon - 20 * 24h);
    return look;
  };
  Bench bench("2026-11-23T12:00:00Z", settings);
  backup(bench, "new.dump", noon - 24h);
  backup(bench, "copy.dump", noon - 1h);
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  CHECK(verified(bench) == Names{"new.dump"});
  CHECK(bench.state("a").inventory.newest->created == noon - 24h);
}

TEST_CASE("nothing is verified before all were looked at, which takes several ticks") {
  SchedulerSettings settings;
  settings.looker = [](const Target&, const Backup& backup) -> Result<Look> {
    return Look{backup.id, backup.version, {}, {}, ""};
  };
  Bench bench("2026-11-23T12:00:00Z", settings);
  for (int i = 0; i < 120; ++i) backup(bench, "b" + std::to_string(i) + ".db", noon - i * 24h);
  bench.configure({bench.target("a")});
  for (int ticks = 0; ticks < 2; ++ticks) {
    bench.scheduler->tick();
    CHECK_FALSE(bench.state("a").queued);
    CHECK(bench.state("a").inventory.backups == 120);
    CHECK(bench.state("a").next_due > noon);
    bench.clock.advance(1s);
  }
  bench.scheduler->tick();
  CHECK(bench.state("a").queued);
}

TEST_CASE("F43: when retention removes the last backup that passed, none is left that did") {
  Bench bench("2026-11-23T12:00:00Z");
  backup(bench, "good.db", noon - 24h);
  bench.act = [](Run& run, const std::stop_token&) {
    if (run.backup.id == "bad.db")
      run.checks[0].verdict = Verdict::failed, run.checks[0].cause = Cause::check_failed;
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  CHECK(bench.state("a").coverage->passed == 1);
  CHECK(bench.state("a").coverage->newest_passed == noon - 24h);
  backup(bench, "bad.db", noon + 1h);
  bench.clock.set(noon + 16h);
  bench.scheduler->tick();
  wait_for_runs(bench, 2);
  CHECK(bench.state("a").coverage->passed == 1);
  std::filesystem::remove(bench.folder / "a/good.db");
  bench.clock.advance(6min);
  bench.scheduler->tick();
  const TargetState state = bench.state("a");
  CHECK(state.coverage->passed == 0);
  CHECK(state.coverage->failed == 1);
  CHECK(state.coverage->newest_passed == TimePoint{});
  CHECK(state.history.last_passed);
  CHECK(state.history.consecutive_failures == 1);
}
