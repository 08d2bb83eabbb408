// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <condition_variable>
#include <semaphore>

#include "model/begun_run.h"
#include "runner/scheduler.h"
#include "support/support.h"

namespace backproof::test {

// When most of these tests begin.
constexpr TimePoint noon =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(12);

// A scheduler over a real history and a real folder, with a clock and a runner of the test's.
class Bench {
 public:
  explicit Bench(std::string_view now, SchedulerSettings settings = {})
      : clock(at(now)), history(HistoryStore::open(folder / "history.sqlite").value()) {
    start_anew(settings);
  }

  // As the next start of the program: nothing is known but the history.
  void start_anew(SchedulerSettings settings = {}) {
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
      if (s.target->name == name) return s;
    FAIL("no target " << name);
    return snapshot->targets.front();
  }

  // The fake runner.
  Run perform(const Job& job, std::stop_token stop, const RunEvents& events) {
    {
      const std::lock_guard lock(mutex);
      jobs.push_back(job);
    }
    events.progress({Stage::restore, 1, 2});
    begun.release();
    Run run = begun_run(job, clock.now());
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

  // What it does; by default every run passes at once.
  std::function<void(Run&, std::stop_token)> act = [](Run&, std::stop_token) {};
  // For `act`: waits until a run is let go, or this one is to end. So a test that fails ends, too.
  void hold(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    if (wake.wait(lock, stop, [this] { return may_go > 0; })) --may_go;
  }
  void hold_runs() {
    act = [this](Run&, const std::stop_token& stop) { hold(stop); };
  }
  void let_go(int runs = 1) {
    const std::lock_guard lock(mutex);
    may_go += runs;
    wake.notify_all();
  }
  std::counting_semaphore<> begun{0};
  std::mutex mutex;
  std::condition_variable_any wake;
  std::vector<Job> jobs;  // guarded by mutex, as what follows
  int may_go = 0;

  test::Folder folder;
  test::FakeClock clock;
  std::unique_ptr<HistoryStore> history;
  Published<Snapshot> published{Snapshot{}};
  std::shared_ptr<const Snapshot> snapshot;
  std::optional<Scheduler> scheduler;
};

// Asks until it is so; the threads under test are given the processor meanwhile.
inline void until(const std::function<bool()>& done) {
  const Stopwatch watch;
  while (!done()) {
    REQUIRE(watch.took() < std::chrono::seconds(60));
    std::this_thread::yield();
  }
}

// Looks at the clock, but at no source, until so many runs are recorded and nothing waits or goes
// on any more.
inline void wait_for_runs(Bench& bench, std::size_t runs) {
  until([&] {
    const auto recorded = bench.history->list({}).value();
    bench.scheduler->look();  // publishes, too: what was published before may be older than that
    const auto now = bench.published.get();
    return recorded.size() == runs && std::ranges::all_of(recorded, &Run::finished) &&
           now->workers_busy == 0 && now->queued == 0;
  });
}

// The backups that were verified, in the order of the runs.
inline std::vector<std::string> verified(Bench& bench) {
  const std::lock_guard lock(bench.mutex);
  std::vector<std::string> ids;
  for (const Job& job : bench.jobs) ids.push_back(job.chosen.id);
  return ids;
}

inline std::size_t jobs_of(Bench& bench) {
  const std::lock_guard lock(bench.mutex);
  return bench.jobs.size();
}

}  // namespace backproof::test
