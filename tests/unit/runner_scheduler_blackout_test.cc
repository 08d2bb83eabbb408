// SPDX-License-Identifier: Apache-2.0
// What moves a start: jitter, blackouts, and time that passes unseen.
#include "runner/scheduler.h"

#include "model/start.h"
#include "unit/runner_scheduler_bench.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Target with_windows(Bench& bench, const std::string& name, const std::string& cron,
                    const std::vector<std::string>& windows) {
  Target target = bench.target(name, cron);
  target.blackout = Blackout::parse(windows, "UTC").value();
  bench.folder.write(name + "/x.db", "x");
  return target;
}

// A run that ended then.
void ran(Bench& bench, const std::string& name, TimePoint started) {
  Run run;
  run.id = new_run_id(started);
  run.target = name;
  run.started = started;
  run.finished = true;
  run.cause = Cause::none;
  run.verdict = Verdict::passed;
  REQUIRE(bench.history->finish(run));
}

std::uint64_t misfires(Bench& bench, const std::string& name, const std::string& reason) {
  const auto& counted = bench.state(name).history.totals.misfires;
  const auto found = counted.find(reason);
  return found == counted.end() ? 0 : found->second;
}

}  // namespace

TEST_CASE("a run starts at its time and its target's part of the jitter, for its nominal time") {
  Bench bench("2026-11-23T12:00:00Z");
  ran(bench, "a", at("2026-11-23T04:00:00Z"));
  Target target = bench.target("a");
  target.jitter = 1h;
  bench.folder.write("a/x.db", "x");
  bench.configure({target});
  bench.scheduler->tick();
  const TimePoint start = at("2026-11-24T03:00:00Z") + delay_of(target);
  CHECK(delay_of(target) > 1min);
  CHECK(bench.state("a").next_due == start);
  bench.clock.set(start - 1s);
  bench.scheduler->tick();
  CHECK_FALSE(bench.state("a").queued);
  bench.clock.set(start);
  bench.scheduler->tick();
  CHECK(bench.state("a").queued);
  CHECK(bench.state("a").next_due == start);
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-24T03:00:00Z"));
  CHECK(bench.state("a").next_due == start + 24h);
}

TEST_CASE("what is due in a blackout starts once at its end, and is no misfire") {
  Bench bench("2026-11-23T06:59:00Z");
  ran(bench, "a", at("2026-11-23T06:00:00Z"));
  bench.configure({with_windows(bench, "a", "0 * * * *", {"06:30-10:00"})});
  bench.scheduler->start();
  for (const char* time : {"2026-11-23T07:00:00Z", "2026-11-23T09:59:59Z"}) {
    bench.clock.set(at(time));
    bench.scheduler->tick();
    CHECK(bench.state("a").next_due == at("2026-11-23T10:00:00Z"));
    CHECK_FALSE(bench.state("a").queued);
  }
  bench.clock.set(at("2026-11-23T10:00:00Z"));
  bench.scheduler->tick();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-23T07:00:00Z"));
  CHECK(bench.state("a").next_due == at("2026-11-23T11:00:00Z"));
  CHECK(bench.state("a").history.totals.misfires.empty());
}

TEST_CASE("a backup that appears late in a blackout waits for its end") {
  Bench bench("2026-11-23T12:00:00Z");
  Target target = with_windows(bench, "a", "0 3 * * *", {"08:00-18:00"});
  std::filesystem::remove(bench.folder / "a/x.db");
  bench.configure({target});
  bench.scheduler->tick();
  bench.folder.write("a/x.db", "x");
  bench.clock.advance(10min);
  bench.scheduler->tick();
  CHECK(bench.state("a").inventory.backups == 1);
  CHECK_FALSE(bench.state("a").queued);
  CHECK(bench.state("a").next_due == at("2026-11-23T18:00:00Z"));
  bench.clock.set(at("2026-11-23T18:00:00Z"));
  bench.scheduler->tick();
  CHECK(bench.state("a").queued);
}

TEST_CASE("what waits for a worker when a blackout begins waits for its end, others go on") {
  Bench bench("2026-11-23T07:59:00Z");
  bench.hold_runs();
  bench.configure({with_windows(bench, "busy", "0 3 * * *", {}),
                   with_windows(bench, "a", "0 3 * * *", {"08:00-18:00"}),
                   with_windows(bench, "z", "0 3 * * *", {})});
  bench.scheduler->tick();  // all wait, in this order, whichever a thread would list first
  bench.scheduler->start();
  bench.begun.acquire();
  until([&] { return bench.state("a").queued && bench.state("z").queued; });
  bench.clock.set(at("2026-11-23T08:30:00Z"));
  bench.scheduler->tick();
  CHECK(bench.state("a").next_due >= at("2026-11-23T18:00:00Z"));
  bench.let_go(2);
  until([&] { return bench.state("z").history.totals.runs == 1; });
  CHECK(bench.state("a").queued);
  CHECK(jobs_of(bench) == 2);
  bench.let_go();
  bench.clock.set(at("2026-11-23T18:00:00Z"));
  bench.scheduler->tick();
  until([&] { return bench.state("a").history.totals.runs == 1; });
}

TEST_CASE("a run that goes on when a blackout begins is left alone") {
  Bench bench("2026-11-23T07:59:00Z");
  bench.act = [&](Run& run, const std::stop_token& stop) {
    bench.hold(stop);
    if (stop.stop_requested()) run.cause = Cause::cancelled;
  };
  bench.configure({with_windows(bench, "a", "0 3 * * *", {"08:00-18:00"})});
  bench.scheduler->start();
  bench.begun.acquire();
  bench.clock.set(at("2026-11-23T09:00:00Z"));
  bench.scheduler->tick();
  CHECK(bench.state("a").running);
  bench.let_go();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  CHECK(bench.state("a").history.last_run->verdict == Verdict::passed);
}

TEST_CASE("a downtime is counted once, however often the program is started before the late run") {
  Bench bench("2026-11-23T12:00:00Z");
  ran(bench, "a", at("2026-11-20T03:00:00Z"));
  Target target = bench.target("a");  // without a backup: the late run cannot begin
  for (int i = 0; i < 3; ++i) {
    Published<Snapshot> published{Snapshot{}};
    SchedulerSettings settings;
    settings.scratch = bench.folder.path();
    Scheduler again(settings, *bench.history, bench.clock, {}, published);
    std::vector<Plan> plans;
    Problems problems;
    plans.push_back(make_plan(target, problems));
    REQUIRE(again.configure(std::move(plans), {}));
    again.tick();
    CHECK(published.get()->targets.at(0).history.totals.misfires.at("downtime") == 1);
  }
  // Another downtime is another one.
  ran(bench, "a", at("2026-11-24T03:00:00Z"));
  bench.clock.set(at("2026-11-26T12:00:00Z"));
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(misfires(bench, "a", "downtime") == 2);
}

TEST_CASE("a host that slept over its times makes one late run and counts a downtime") {
  Bench bench("2026-11-23T12:00:00Z");
  ran(bench, "a", at("2026-11-23T03:00:00Z"));
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.scheduler->tick();
  bench.clock.set(at("2026-11-26T12:00:00Z"));
  bench.scheduler->tick();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  CHECK(bench.state("a").history.last_run->trigger == "missed");
  CHECK(bench.state("a").history.last_run->scheduled == at("2026-11-24T03:00:00Z"));
  CHECK(misfires(bench, "a", "downtime") == 1);
  CHECK(bench.state("a").next_due == at("2026-11-27T03:00:00Z"));
}

TEST_CASE("a reload takes a new jitter and blackout over, and starts nothing twice") {
  Bench bench("2026-11-23T03:00:00Z");
  ran(bench, "a", at("2026-11-22T03:00:00Z"));
  Target target = with_windows(bench, "a", "0 3 * * *", {});
  bench.configure({target});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 2; });
  target.jitter = 1h;
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(bench.state("a").next_due == at("2026-11-24T03:00:00Z") + delay_of(target));
  target.blackout = Blackout::parse({"02:00-05:30"}, "UTC").value();
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(bench.state("a").next_due == at("2026-11-24T05:30:00Z"));
  CHECK(jobs_of(bench) == 1);
}
