// SPDX-License-Identifier: Apache-2.0
// Reloads, and what comes at the same time.
#include "runner/scheduler.h"

#include "unit/runner_scheduler_bench.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE(
    "a time that comes while the target still waits for a worker is a misfire by queue_full") {
  Bench bench("2026-11-23T12:00:00Z");
  for (const char* name : {"a", "b"}) bench.folder.write(std::string(name) + "/x.db", "x");
  bench.hold_runs();
  bench.configure({bench.target("a"), bench.target("b")});
  bench.scheduler->tick();  // both wait, in this order, whichever a thread would list first
  bench.scheduler->start();
  bench.begun.acquire();
  until([&] { return bench.state("a").running && bench.state("b").queued; });
  bench.clock.set(at("2026-11-24T03:00:01Z"));
  until([&] {
    bench.scheduler->tick();
    return bench.state("b").history.totals.misfires.contains("queue_full") &&
           bench.state("a").history.totals.misfires.contains("overlap");
  });
  CHECK(bench.state("b").history.totals.misfires.at("queue_full") == 1);
  CHECK_FALSE(bench.state("b").history.totals.misfires.contains("overlap"));
  CHECK_FALSE(bench.state("a").history.totals.misfires.contains("queue_full"));
  bench.let_go(3);  // the late run of a, too
  until([&] { return bench.state("b").history.totals.runs == 1; });
}

TEST_CASE("any number of looks at the clock at once start a run once") {
  SchedulerSettings many;
  many.workers = 4;
  Bench bench("2026-11-23T12:00:00Z", many);
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  for (std::uint64_t day = 1; day <= 5; ++day) {
    bench.clock.set(at("2026-11-23T03:00:00Z") + std::chrono::days(day));
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 4; ++i) threads.emplace_back([&] { bench.scheduler->tick(); });
    }
    until([&] { return bench.state("a").history.totals.runs == day + 1; });
  }
  CHECK(bench.scheduler->stop());
  CHECK(jobs_of(bench) == 6);
  CHECK(bench.state("a").history.totals.misfires.empty());
}

namespace {

// A source that answers when it is let, as one on a dead file server.
class Hanging : public Source {
 public:
  Hanging(std::counting_semaphore<>& asked, std::counting_semaphore<>& answer)
      : asked_(asked), answer_(answer) {}
  Result<Listing> look(TimePoint /*now*/, const std::stop_token& /*stop*/) const override {
    asked_.release();
    answer_.acquire();
    return Listing{};
  }
  Result<Fd> open(const Backup& /*backup*/) const override {
    return Error{Cause::fetch, "not there", ""};
  }

 private:
  std::counting_semaphore<>& asked_;
  std::counting_semaphore<>& answer_;
};

// Targets of these names; the sources of the first `hanging` of them hang.
void configure(Bench& bench, const std::vector<const char*>& names, std::size_t hanging,
               std::counting_semaphore<>& asked, std::counting_semaphore<>& answer) {
  Problems problems;
  std::vector<Plan> plans;
  for (const char* name : names) plans.push_back(make_plan(bench.target(name), problems));
  for (std::size_t i = 0; i < hanging; ++i)
    plans[i].source = std::make_unique<Hanging>(asked, answer);
  REQUIRE(bench.scheduler->configure(std::move(plans), {}));
}

}  // namespace

TEST_CASE("a reload shows at once, also while the source of a target hangs") {
  std::counting_semaphore<> asked{0}, answer{0};
  Bench bench("2026-11-23T12:00:00Z");
  configure(bench, {"a"}, 1, asked, answer);
  bench.scheduler->start();
  asked.acquire();
  bench.configure({bench.target("b")});
  bench.scheduler->set_config_state({"second.toml", true, bench.clock.now()});
  bench.state("b");
  CHECK(bench.snapshot->config.file == "second.toml");
  CHECK(bench.snapshot->targets.size() == 1);
  // One source that hangs keeps no other from being listed.
  until([&] { return bench.state("b").inventory.listed != TimePoint{}; });
  answer.release();
}

TEST_CASE("a source that hangs is shown as one that cannot be listed, until it answers") {
  std::counting_semaphore<> asked{0}, answer{0};
  Bench bench("2026-11-23T12:00:00Z");
  configure(bench, {"a"}, 1, asked, answer);
  bench.scheduler->start();
  asked.acquire();
  bench.scheduler->look();
  CHECK(bench.state("a").inventory.error.empty());
  bench.clock.advance(std::chrono::minutes(1));
  bench.scheduler->look();
  CHECK(bench.state("a").inventory.error ==
        "has not answered for 1m; hint: does the file server hang that it is on?");
  answer.release();
  until([&] { return bench.state("a").inventory.error.empty(); });
  CHECK(bench.state("a").inventory.listed != TimePoint{});
}

TEST_CASE("sources that hang keep no other from being listed, and no run and no end waiting") {
  Bench bench("2026-11-23T12:00:00Z");
  std::counting_semaphore<> asked{0}, answer{0};
  configure(bench, {"a", "b", "c", "d"}, 3, asked, answer);
  bench.scheduler->start();
  for (int i = 0; i < 3; ++i) {
    asked.acquire();
    // More than the threads that list; each that waits long is replaced.
    bench.clock.advance(std::chrono::minutes(1));
    bench.scheduler->look();
  }
  until([&] { return bench.state("d").inventory.listed != TimePoint{}; });
  REQUIRE(bench.scheduler->verify_now("a"));
  until([&] { return bench.state("a").history.totals.runs == 1; });
  CHECK(bench.state("a").history.last_run->cause == Cause::fetch);
  CHECK_FALSE(bench.scheduler->stop());
  answer.release(3);
}

TEST_CASE("a source that hangs for a worker keeps no other run waiting") {
  Bench bench("2026-11-23T12:00:00Z");  // one worker
  bench.folder.write("b/x.db", "x");
  std::counting_semaphore<> asked{0}, answer{1};
  configure(bench, {"a", "b"}, 1, asked, answer);
  bench.scheduler->start();
  asked.acquire();
  until([&] { return bench.state("a").inventory.listed != TimePoint{}; });
  until([&] { return bench.state("b").history.totals.runs == 1; });
  // Its last listing was well; the worker's hangs.
  REQUIRE(bench.scheduler->verify_now("a"));
  asked.acquire();
  bench.clock.advance(std::chrono::minutes(1));
  bench.scheduler->look();
  REQUIRE(bench.scheduler->verify_now("b"));
  until([&] { return bench.state("b").history.totals.runs == 2; });
  CHECK_FALSE(bench.state("a").inventory.error.empty());
  CHECK_FALSE(bench.scheduler->stop());
  answer.release(2);
}

TEST_CASE("reloads give a source that hangs no second thread") {
  std::counting_semaphore<> asked{0}, answer{0};
  Bench bench("2026-11-23T12:00:00Z");
  configure(bench, {"a"}, 1, asked, answer);
  std::jthread first([&] { bench.scheduler->tick(); });
  asked.acquire();
  configure(bench, {"a"}, 1, asked, answer);
  bench.scheduler->tick();  // would wait for ever
  CHECK_FALSE(asked.try_acquire());
  CHECK(bench.state("a").inventory.listed == TimePoint{});
  answer.release();
  first.join();
  answer.release();
  bench.scheduler->tick();
  // The answer counted, and the source is asked again, for it may be configured otherwise.
  CHECK(asked.try_acquire());
}

TEST_CASE("the sandboxes that are counted are shown, whatever runs") {
  SchedulerSettings settings;
  settings.sandboxes = [] { return std::uint64_t{3}; };
  Bench bench("2026-11-23T12:00:00Z", settings);
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  CHECK(bench.published.get()->sandboxes == 3);
  CHECK(bench.published.get()->workers_busy == 0);
}

TEST_CASE("a reload keeps the state of targets that stay and forgets those that go") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a"), bench.target("b")});
  bench.scheduler->start();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  bench.configure({bench.target("a", "0 4 * * *"), bench.target("c")});
  bench.scheduler->tick();
  CHECK(bench.state("a").history.totals.runs == 1);
  CHECK(bench.state("a").next_due == at("2026-11-24T04:00:00Z"));
  CHECK(bench.published.get()->targets.size() == 2);
  CHECK(jobs_of(bench) == 1);
}

TEST_CASE("what was queued is dropped when its target is disabled or gone") {
  Bench bench("2026-11-23T12:00:00Z");
  for (const char* name : {"a", "b"}) bench.folder.write(std::string(name) + "/x.db", "x");
  const Target a = bench.target("a"), b = bench.target("b");
  bench.configure({a, b});
  bench.scheduler->tick();
  CHECK(bench.published.get()->queued == 2);
  Target off = a;
  off.enabled = false;
  bench.configure({off});
  bench.scheduler->tick();
  CHECK(bench.published.get()->queued == 0);
  CHECK_FALSE(bench.state("a").queued);
}

TEST_CASE("a target that is removed and comes back during its run is not run twice at a time") {
  Bench bench("2026-11-23T12:00:00Z", [] {
    SchedulerSettings two;
    two.workers = 2;
    return two;
  }());
  bench.folder.write("a/x.db", "x");
  bench.hold_runs();
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  bench.configure({bench.target("b")});
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  CHECK(bench.published.get()->queued == 0);
  CHECK(bench.state("a").running);
  bench.let_go(2);
  until([&] { return bench.state("a").history.totals.runs == 1; });
  CHECK(jobs_of(bench) == 1);
}

TEST_CASE("reloading while runs end neither loses counts nor runs anything twice") {
  Bench bench("2026-11-23T12:00:00Z");
  std::vector<Target> targets;
  for (int i = 0; i < 20; ++i) {
    targets.push_back(bench.target("t" + std::to_string(i)));
    bench.folder.write("t" + std::to_string(i) + "/x.db", "x");
  }
  bench.configure(targets);
  bench.scheduler->start();
  std::uint64_t seen = 0;
  until([&] {
    bench.configure(targets);
    std::uint64_t runs = 0;
    const auto snapshot = bench.published.get();
    for (const TargetState& state : snapshot->targets) runs += state.history.totals.runs;
    REQUIRE(runs >= seen);
    seen = runs;
    return runs == 20;
  });
  CHECK(bench.scheduler->stop());
  CHECK(jobs_of(bench) == 20);
  CHECK(bench.history->list({}).value().size() == 20);
}

TEST_CASE("a self-test that goes on is seen, also through a reload, and its answer when it ends") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  CHECK_FALSE(bench.state("a").selftest_work.running);
  bench.scheduler->selftest_begins("a");
  bench.scheduler->selftest_begins("gone");
  bench.configure({bench.target("a"), bench.target("b")});
  bench.scheduler->tick();
  CHECK(bench.state("a").selftest_work.running);
  CHECK(bench.state("a").selftest_work.begun == at("2026-11-23T12:00:00Z"));
  CHECK_FALSE(bench.state("b").selftest_work.running);
  Selftest test;
  test.target = "a";
  test.started = bench.clock.now();
  test.result = Verdict::passed;
  REQUIRE(bench.history->record(test));
  bench.scheduler->selftest_ended("a");
  bench.scheduler->selftest_ended("gone");
  CHECK(bench.state("a").history.last_selftest);
  CHECK_FALSE(bench.state("a").selftest_work.running);
  CHECK(bench.state("a").selftest_work.begun == at("2026-11-23T12:00:00Z"));
}

TEST_CASE("when a drill is next is known from the configuration on, and one that goes on is seen") {
  Bench bench("2026-11-23T12:00:00Z");
  Target target = bench.target("a");
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(bench.state("a").drill_next == TimePoint{});
  target.drill.emplace().schedule = Schedule::parse("0 4 1 * *").value();
  bench.clock.advance(std::chrono::hours(1));
  bench.configure({target});
  bench.scheduler->tick();
  CHECK(bench.state("a").history.drill_since == at("2026-11-23T13:00:00Z"));
  CHECK(bench.state("a").drill_next == at("2026-12-01T04:00:00Z"));
  CHECK(bench.state("a").drill_interval == std::chrono::days(31));
  bench.scheduler->drill_begins("a");
  CHECK(bench.state("a").drill_work.running);
  CHECK_FALSE(bench.state("a").selftest_work.running);
  Drill drill;
  drill.id = "d";
  drill.target = "a";
  drill.started = at("2026-12-02T04:00:00Z");
  bench.clock.advance(std::chrono::hours(240));
  REQUIRE(bench.history->finish(drill));
  bench.scheduler->drill_ended("a");
  CHECK_FALSE(bench.state("a").drill_work.running);
  CHECK(bench.state("a").history.last_drill_ended->id == "d");
  CHECK(bench.state("a").drill_next == at("2027-01-01T04:00:00Z"));
}
