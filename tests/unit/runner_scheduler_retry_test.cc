// SPDX-License-Identifier: Apache-2.0
#include "runner_scheduler_bench.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;
using test::Bench;
using test::noon;
using test::until;
using test::wait_for_runs;

namespace {

void fail_with(Run& run, Cause cause) {
  run.stages = {{Stage::restore, {}, Error{cause, "made so", ""}}};
  run.restored = false;
}

std::vector<int> attempts(Bench& bench) {
  const std::lock_guard lock(bench.mutex);
  std::vector<int> all;
  for (const Job& job : bench.jobs) all.push_back(job.attempt);
  return all;
}

}  // namespace

TEST_CASE("what could not be told is tried again until it is, each attempt on record") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  int begun = 0;
  bench.act = [&](Run& run, const std::stop_token&) {
    if (++begun <= 2) fail_with(run, Cause::fetch);
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  const TimePoint next = bench.state("a").next_due;
  CHECK(next >= noon + 60s);
  CHECK(next <= noon + 90s);
  bench.clock.set(next - 1s);
  wait_for_runs(bench, 1);
  bench.clock.set(next);
  wait_for_runs(bench, 2);
  bench.clock.set(bench.state("a").next_due);
  wait_for_runs(bench, 3);
  CHECK(attempts(bench) == std::vector{1, 2, 3});
  CHECK(bench.jobs[1].trigger == "retry");
  const auto runs = bench.history->list({}).value();
  CHECK(runs[0].verdict == Verdict::passed);
  CHECK(runs[0].attempt == 3);
  CHECK(runs[2].cause == Cause::fetch);  // the first attempt's evidence stays
  CHECK(bench.state("a").history.totals.retries == 2);
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("after its last attempt a target waits for its schedule") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token&) { fail_with(run, Cause::space); };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  for (std::size_t runs = 1; runs < 3; ++runs) {
    wait_for_runs(bench, runs);
    bench.clock.set(bench.state("a").next_due);
  }
  wait_for_runs(bench, 3);
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
  bench.clock.set(at("2026-11-24T03:00:00Z"));
  wait_for_runs(bench, 4);
  CHECK(attempts(bench) == std::vector{1, 2, 3, 1});
}

TEST_CASE("a verdict is not tried again, nor what cannot pass by itself") {
  for (const Cause cause : {Cause::damaged, Cause::missing_tool, Cause::timeout, Cause::hostile}) {
    Bench bench("2026-11-23T12:00:00Z");
    bench.folder.write("a/x.db", "x");
    bench.act = [&](Run& run, const std::stop_token&) { fail_with(run, cause); };
    bench.configure({bench.target("a")});
    bench.scheduler->start();
    wait_for_runs(bench, 1);
    CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
  }
}

TEST_CASE("a due time makes up for a retry of the newest") {
  Bench bench("2026-11-23T02:59:30Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [&](Run& run, const std::stop_token&) {
    if (test::jobs_of(bench) == 1) fail_with(run, Cause::fetch);
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  bench.clock.set(at("2026-11-23T03:10:00Z"));
  wait_for_runs(bench, 2);
  CHECK(bench.jobs[1].trigger != "retry");
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("each of several backups has its own further attempts") {
  Bench bench("2026-11-23T12:00:00Z");
  for (int i = 0; i < 2; ++i)
    std::filesystem::last_write_time(
        bench.folder.write("a/b" + std::to_string(i) + ".db", "x"),
        std::filesystem::file_time_type::clock::from_sys(noon - i * 24h));
  bench.act = [&](Run& run, const std::stop_token&) {
    if (run.attempt == 1) fail_with(run, Cause::fetch);
  };
  Target target = bench.target("a");
  target.select = {Policy::every_new, 1, {}};
  bench.configure({target});
  bench.scheduler->start();
  wait_for_runs(bench, 2);
  bench.clock.advance(3min);
  wait_for_runs(bench, 4);
  std::set<std::string> again;
  for (std::size_t i = 2; i < 4; ++i) {
    CHECK(bench.jobs[i].trigger == "retry");
    CHECK(bench.jobs[i].attempt == 2);
    again.insert(bench.jobs[i].chosen.id);
  }
  CHECK(again == std::set<std::string>{"b0.db", "b1.db"});
}

TEST_CASE("a backup that is gone is not tried again") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.folder.write("a/y.db", "x");
  bench.act = [&](Run& run, const std::stop_token&) {
    if (run.backup.id == "x.db") fail_with(run, Cause::fetch);
  };
  Target target = bench.target("a");
  target.select = {Policy::every_new, 1, {}};
  bench.configure({target});
  bench.scheduler->start();
  wait_for_runs(bench, 2);
  std::filesystem::remove(bench.folder / "a/x.db");
  bench.clock.advance(6min);
  until([&] {
    bench.scheduler->tick();
    return bench.state("a").next_due == at("2026-11-24T03:00:00Z") && !bench.state("a").queued;
  });
  wait_for_runs(bench, 2);
}

TEST_CASE("a retry that waits survives a restart, and what a stop cut off is made again at once") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token&) { fail_with(run, Cause::fetch); };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  const TimePoint next = bench.state("a").next_due;
  const auto restart = [&] {
    bench.start_anew();
    bench.configure({bench.target("a")});
    bench.scheduler->tick();
  };
  restart();
  CHECK(bench.state("a").next_due == next);
  bench.act = [&](Run& run, const std::stop_token& stop) {
    bench.hold(stop);
    fail_with(run, Cause::cancelled);
  };
  while (bench.begun.try_acquire()) {
  }
  bench.clock.set(next);
  bench.scheduler->start();
  bench.begun.acquire();
  CHECK(bench.scheduler->stop());
  const auto runs = bench.history->list({}).value();
  REQUIRE(runs.size() == 2);
  CHECK(runs[0].cause == Cause::interrupted);
  CHECK(runs[0].reason == "the service was stopped: made so");
  restart();
  CHECK(bench.state("a").queued);
}

TEST_CASE("what could not be told of several arrivals is tried again after a restart") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.act = [&](Run& run, const std::stop_token&) {
    if (run.attempt == 1 && run.backup.id != "b2.db") fail_with(run, Cause::fetch);
  };
  Target target = bench.target("a", "0 3 1 1 *");
  target.on_arrival = true;
  bench.configure({target});
  for (int i = 0; i < 3; ++i)
    std::filesystem::last_write_time(
        bench.folder.write("a/b" + std::to_string(i) + ".db", "x"),
        std::filesystem::file_time_type::clock::from_sys(noon + (i + 1) * 1s));
  bench.clock.advance(1min);
  bench.scheduler->start();
  wait_for_runs(bench, 3);
  bench.start_anew();
  bench.configure({target});
  bench.scheduler->start();
  bench.clock.advance(3min);
  wait_for_runs(bench, 5);
  std::set<std::string> again;
  for (std::size_t i = 3; i < 5; ++i) {
    CHECK(bench.jobs[i].attempt == 2);
    again.insert(bench.jobs[i].chosen.id);
  }
  CHECK(again == std::set<std::string>{"b0.db", "b1.db"});
  bench.clock.advance(3h);
  bench.scheduler->look();
  CHECK_FALSE(bench.state("a").queued);
}

TEST_CASE("what waits to be tried again is not forgotten while its target is disabled") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token&) {
    if (run.attempt == 1) fail_with(run, Cause::fetch);
  };
  Target target = bench.target("a", "0 3 1 1 *");
  bench.configure({target});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  target.enabled = false;
  bench.configure({target});
  target.enabled = true;
  bench.configure({target});
  bench.clock.advance(3min);
  wait_for_runs(bench, 2);
  CHECK(bench.jobs[1].attempt == 2);
}

TEST_CASE("a run that somebody cancelled is not made again") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [&](Run& run, const std::stop_token& stop) {
    bench.hold(stop);
    fail_with(run, Cause::cancelled);
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  CHECK_FALSE(bench.scheduler->cancel("20261123T120000Z-ffffffff"));
  until([&] { return bench.state("a").running.has_value(); });
  CHECK(bench.scheduler->cancel(bench.state("a").running->run_id));
  wait_for_runs(bench, 1);
  CHECK(bench.history->list({}).value()[0].cause == Cause::cancelled);
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("a target that is disabled meanwhile is not tried again") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token&) { fail_with(run, Cause::fetch); };
  Target target = bench.target("a");
  bench.configure({target});
  bench.scheduler->start();
  wait_for_runs(bench, 1);
  target.enabled = false;
  bench.configure({target});
  bench.clock.advance(1h);
  for (int i = 0; i < 5; ++i) bench.scheduler->tick();
  wait_for_runs(bench, 1);
}
