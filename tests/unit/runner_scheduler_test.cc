// SPDX-License-Identifier: Apache-2.0
#include "runner/scheduler.h"

#include <semaphore>

#include "support/support.h"

using namespace backproof;
using test::at;

namespace {

// A scheduler over a real history and a real folder, with a clock and a runner of the test's.
class Bench {
 public:
  explicit Bench(std::string_view now, SchedulerSettings settings = {})
      : clock(at(now)), history(HistoryStore::open(folder / "history.sqlite").value()) {
    settings.scratch = folder.path();
    scheduler.emplace(
        settings, *history, clock,
        [this](const Job& job, std::stop_token stop, const RunEvents& events) {
          return perform(job, stop, events);
        },
        published);
  }

  Target target(const std::string& name, const std::string& cron = "0 3 * * *") {
    std::filesystem::create_directories(folder / name);
    Target t;
    t.name = name;
    t.source = {
        "directory",
        {{"path", Value{(folder / name).native(), 1}}, {"settle", Value{std::string("0s"), 1}}}};
    t.checks = default_checks();
    t.schedule = Schedule::parse(cron).value();
    return t;
  }
  void configure(const std::vector<Target>& targets) {
    std::vector<Plan> plans;
    Problems problems;
    for (const Target& t : targets) plans.push_back(make_plan(t, problems));
    REQUIRE(problems.empty());
    REQUIRE(scheduler->configure(std::move(plans), {}));
  }
  const TargetState& state(const std::string& name) {
    snapshot = published.get();
    for (const TargetState& s : snapshot->targets)
      if (s.target.name == name) return s;
    FAIL("no target " << name);
    return snapshot->targets.front();
  }

  // What the fake runner does; by default every run passes at once.
  std::function<void(Run&, std::stop_token)> act = [](Run&, std::stop_token) {};
  std::counting_semaphore<> begun{0};
  std::mutex mutex;
  std::vector<Job> jobs;  // guarded by mutex

  test::Folder folder;
  test::FakeClock clock;
  std::unique_ptr<HistoryStore> history;
  Published<Snapshot> published{Snapshot{}};
  std::shared_ptr<const Snapshot> snapshot;
  std::optional<Scheduler> scheduler;

 private:
  Run perform(const Job& job, std::stop_token stop, const RunEvents& events) {
    {
      const std::lock_guard lock(mutex);
      jobs.push_back(job);
    }
    events.progress({Stage::restore, 1, 2});
    begun.release();
    Run run;
    run.id = job.run_id;
    run.target = job.target.name;
    run.trigger = job.trigger;
    run.attempt = job.attempt;
    run.scheduled = job.scheduled;
    run.started = clock.now();
    run.finished = run.restored = true;
    CheckResult check;
    check.check = "tables";
    check.verdict = Verdict::passed;
    check.cause = Cause::none;
    check.looked_at_data = true;
    run.checks = {check};
    act(run, stop);
    conclude(run);
    return run;
  }
};

// Asks until it is so; the threads under test are given the processor meanwhile.
void until(const std::function<bool()>& done) {
  const Stopwatch watch;
  while (!done()) {
    REQUIRE(watch.took() < std::chrono::seconds(60));
    std::this_thread::yield();
  }
}

std::size_t jobs_of(Bench& bench) {
  const std::lock_guard lock(bench.mutex);
  return bench.jobs.size();
}

}  // namespace

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
}

TEST_CASE("a time that comes while the target still runs is a misfire by overlap") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  std::binary_semaphore release{0};
  bench.act = [&](Run&, const std::stop_token&) { release.acquire(); };
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
  release.release();
  until([&] { return bench.state("a").history.totals.runs == 1; });
  CHECK_FALSE(bench.state("a").running);
}

TEST_CASE("no more runs at a time than there are workers, and one a target") {
  SchedulerSettings two;
  two.workers = 2;
  Bench bench("2026-11-23T12:00:00Z", two);
  std::counting_semaphore<> release{0};
  std::atomic<int> now{0}, most{0};
  bench.act = [&](Run&, const std::stop_token&) {
    most = std::max(most.load(), ++now);
    release.acquire();
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
    return bench.published.get()->workers_busy == 2 && bench.published.get()->queued == 2;
  });
  release.release(4);
  until([&] {
    return bench.history->list({}).value().size() == 4 && bench.published.get()->workers_busy == 0;
  });
  CHECK(most == 2);
}

TEST_CASE("stopping cancels what runs and records it") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token& stop) {
    std::binary_semaphore stopped{0};
    const std::stop_callback wake(stop, [&] { stopped.release(); });
    stopped.acquire();
    run.stages = {{Stage::restore, {}, Error{Cause::cancelled, "cancelled", ""}}};
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  bench.scheduler->stop();
  const auto runs = bench.history->list({}).value();
  REQUIRE(runs.size() == 1);
  CHECK(runs.front().cause == Cause::cancelled);
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
  CHECK(bench.state("a").inventory.listed == at("2026-11-23T12:00:00Z"));
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
  std::counting_semaphore<> release{0};
  bench.act = [&](Run&, const std::stop_token&) { release.acquire(); };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  bench.configure({bench.target("b")});
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  CHECK(bench.published.get()->queued == 0);
  CHECK(bench.state("a").running);
  release.release(2);
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
    for (const TargetState& state : bench.published.get()->targets)
      runs += state.history.totals.runs;
    REQUIRE(runs >= seen);
    seen = runs;
    return runs == 20;
  });
  bench.scheduler->stop();
  CHECK(jobs_of(bench) == 20);
  CHECK(bench.history->list({}).value().size() == 20);
}
