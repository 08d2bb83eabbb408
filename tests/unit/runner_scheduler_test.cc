// SPDX-License-Identifier: Apache-2.0
#include "runner/scheduler.h"

#include "unit/runner_scheduler_bench.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("every configured target is in the first snapshot, also those that never ran") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a"), bench.target("b")});
  bench.scheduler->tick();
  CHECK(bench.state("a").history.created == at("2026-11-23T12:00:00Z"));
  CHECK_FALSE(bench.state("b").history.last_run);
  CHECK(bench.state("a").inventory.listed == at("2026-11-23T12:00:00Z"));
  CHECK(bench.snapshot->scheduler_last_tick == at("2026-11-23T12:00:00Z"));
  CHECK(bench.snapshot->history_up);
}

TEST_CASE("a target without backups is not run, and its first backup is verified when it appears") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  CHECK_FALSE(bench.state("a").queued);
  bench.folder.write("a/x.db", "x");
  bench.clock.advance(std::chrono::minutes(6));
  bench.scheduler->tick();
  CHECK(bench.state("a").inventory.backups == 1);
  CHECK(bench.state("a").queued);
}

TEST_CASE("runs happen at their scheduled times, are recorded and counted") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a")});
  bench.folder.write("a/x.db", "x");
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  CHECK(bench.state("a").history.last_run->trigger == "first");
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
  for (std::uint64_t day = 1; day <= 3; ++day) {
    bench.clock.set(at("2026-11-23T03:00:00Z") + std::chrono::days(day));
    bench.scheduler->tick();
    until([&] { return bench.state("a").history.totals.runs == day + 1; });
  }
  CHECK(bench.state("a").history.last_run->trigger == "schedule");
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-26T03:00:00Z"));
  CHECK(bench.history->list({}).value().size() == 4);
  CHECK(bench.state("a").interval == std::chrono::hours(24));
}

TEST_CASE("times that passed while the host was down become one late run and a misfire") {
  Bench bench("2026-11-23T12:00:00Z");
  Run old;
  old.id = "20261101T030000Z-00000000";
  old.target = "a";
  old.started = at("2026-11-01T03:00:00Z");
  old.finished = true;
  old.cause = Cause::check_failed;
  old.verdict = Verdict::failed;
  REQUIRE(bench.history->finish(old));
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->trigger == "missed");
  CHECK(bench.state("a").history.totals.misfires.at("downtime") == 1);
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-02T03:00:00Z"));
}

TEST_CASE("times that come while the target still runs are misfires and become one late run") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.hold_runs();
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  until([&] { return bench.state("a").running && bench.state("a").running->progress.total == 2; });
  bench.clock.set(at("2026-11-24T03:00:01Z"));
  bench.scheduler->tick();
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").history.totals.misfires.contains("overlap");
  });
  CHECK(jobs_of(bench) == 1);
  bench.clock.set(at("2026-11-25T03:00:01Z"));
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").history.totals.misfires.at("overlap") == 2;
  });
  CHECK(bench.state("a").next_due == at("2026-11-26T03:00:00Z"));
  // Both become one late run.
  bench.let_go();
  until([&] {
    bench.scheduler->tick();
    return jobs_of(bench) == 2;
  });
  bench.let_go();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->trigger == "missed");
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-24T03:00:00Z"));
  for (int i = 0; i < 3; ++i) bench.scheduler->tick();
  CHECK_FALSE(bench.state("a").queued);
  CHECK(jobs_of(bench) == 2);
  CHECK(bench.state("a").history.totals.misfires.at("overlap") == 2);
}

TEST_CASE("no more runs at a time than there are workers, and one a target") {
  SchedulerSettings two;
  two.workers = 2;
  Bench bench("2026-11-23T12:00:00Z", two);
  std::atomic<int> now{0}, most{0};
  bench.act = [&](Run&, const std::stop_token& stop) {
    const int here = ++now;
    for (int before = most; before < here && !most.compare_exchange_weak(before, here);) continue;
    bench.hold(stop);
    --now;
  };
  std::vector<Target> targets;
  for (const char* name : {"a", "b", "c", "d"}) {
    targets.push_back(bench.target(name));
    bench.folder.write(std::string(name) + "/x.db", "x");
  }
  bench.configure(targets);
  bench.scheduler->start();
  bench.begun.acquire();
  bench.begun.acquire();
  until([&] {
    bench.scheduler->tick();
    return now == 2 && bench.published.get()->workers_busy == 2 &&
           bench.published.get()->queued == 2;
  });
  bench.let_go(4);
  wait_for_runs(bench, 4);
  CHECK(most == 2);
}

TEST_CASE("stopping cancels what runs and records it") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [&](Run& run, const std::stop_token& stop) {
    bench.hold(stop);
    run.stages = {{Stage::restore, {}, Error{Cause::cancelled, "cancelled", ""}}};
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  CHECK(bench.scheduler->stop());
  const auto runs = bench.history->list({}).value();
  REQUIRE(runs.size() == 1);
  CHECK(runs.front().cause == Cause::interrupted);
}

TEST_CASE("what another process recorded shows in the next snapshot") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  const auto other = HistoryStore::open(bench.folder / "history.sqlite").value();
  Run run;
  run.id = new_run_id(bench.clock.now());
  run.target = "a";
  run.started = bench.clock.now();
  run.finished = true;
  REQUIRE(other->finish(run));
  bench.scheduler->tick();
  CHECK(bench.state("a").history.totals.runs == 1);
}

TEST_CASE("a source that cannot be listed keeps what was known and says so") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  Target target = bench.target("a");
  target.enabled = false;
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(bench.state("a").inventory.backups == 1);
  std::filesystem::remove_all(bench.folder / "a");
  bench.clock.advance(std::chrono::hours(1));
  bench.scheduler->tick();
  CHECK(bench.state("a").inventory.backups == 1);
  CHECK(bench.state("a").inventory.listed == at("2026-11-23T12:00:00Z"));
  CHECK_FALSE(bench.state("a").inventory.error.empty());
  CHECK_FALSE(bench.state("a").queued);
}

TEST_CASE(
    "a time that passes while no backup is there waits for the next one and is no overdue run") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  std::filesystem::remove(bench.folder / "a/x.db");
  bench.clock.set(at("2026-11-24T02:59:00Z"));
  bench.scheduler->tick();
  bench.clock.set(at("2026-11-24T03:00:01Z"));
  bench.scheduler->tick();
  CHECK(bench.state("a").inventory.backups == 0);
  CHECK(bench.state("a").next_due == at("2026-11-25T03:00:00Z"));
  bench.folder.write("a/y.db", "y");
  bench.clock.set(at("2026-11-24T05:00:00Z"));
  bench.scheduler->tick();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("a clock that is set back does not leave the targets waiting") {
  Bench bench("2027-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  bench.clock.set(at("2026-11-23T12:00:00Z"));
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").next_due == at("2026-11-24T03:00:00Z");
  });
  // Listed by whoever looks next, of the test and the scheduler's own thread.
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").inventory.listed == at("2026-11-23T12:00:00Z");
  });
}
