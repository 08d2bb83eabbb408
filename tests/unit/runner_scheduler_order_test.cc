// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include "runner_scheduler_bench.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;
using test::Bench;
using test::noon;
using test::until;

namespace {

// A pass of the target that ended so long before noon.
void passed(Bench& bench, const std::string& target, Duration ago) {
  Run run;
  run.id = new_run_id(noon - ago);
  run.target = target;
  run.started = noon - ago;
  run.finished = true;
  run.verdict = Verdict::passed;
  run.cause = Cause::none;
  REQUIRE(bench.history->begin(run));
  REQUIRE(bench.history->finish(run));
}

std::vector<std::string> order(Bench& bench) {
  const std::lock_guard lock(bench.mutex);
  std::vector<std::string> names;
  for (const Job& job : bench.jobs) names.push_back(job.target.name);
  return names;
}

void wait_for_jobs(Bench& bench, std::size_t runs) {
  until([&] {
    bench.scheduler->look();
    return test::jobs_of(bench) == runs && bench.published.get()->workers_busy == 0 &&
           bench.published.get()->queued == 0;
  });
}

}  // namespace

TEST_CASE("what is overdue comes first, then what is stalest for its limit") {
  Bench bench("2026-11-23T12:00:00Z");
  std::vector<Target> targets;
  const auto add = [&](const std::string& name, Duration max_age, Duration ago) {
    targets.push_back(bench.target(name));
    targets.back().max_age = max_age;
    bench.folder.write(name + "/x.db", "x");
    passed(bench, name, ago);
  };
  add("fresh", 72h, 34h);
  add("overdue", 24h, 35h);
  add("nearly", 48h, 36h);
  add("very overdue", 2h, 33h);
  bench.configure(targets);
  bench.scheduler->tick();
  bench.scheduler->start();
  wait_for_jobs(bench, 4);
  CHECK(order(bench) == std::vector<std::string>{"very overdue", "overdue", "nearly", "fresh"});
}

TEST_CASE("what somebody asks for comes before everything that waits") {
  Bench bench("2026-11-23T12:00:00Z");
  std::vector<Target> targets;
  for (const char* name : {"a", "b", "c"}) {
    targets.push_back(bench.target(name));
    bench.folder.write(std::string(name) + "/x.db", "x");
  }
  targets.push_back(bench.target("by hand"));
  targets.back().schedule.reset();
  bench.folder.write("by hand/x.db", "x");
  bench.configure(targets);
  bench.scheduler->tick();
  const auto asked = bench.scheduler->verify_now("by hand");
  REQUIRE(asked);
  // Asked for twice it is the same run, and what waits already is only moved.
  CHECK(bench.scheduler->verify_now("by hand").value() == *asked);
  const auto moved = bench.scheduler->verify_now("c");
  REQUIRE(moved);
  CHECK(bench.scheduler->is_pending(*asked));
  bench.scheduler->start();
  wait_for_jobs(bench, 4);
  CHECK_FALSE(bench.scheduler->is_pending(*asked));
  const auto names = order(bench);
  CHECK(std::set(names.begin(), names.begin() + 2) == std::set<std::string>{"by hand", "c"});
  CHECK(bench.history->find(*asked).value()->trigger == "manual");
  CHECK(bench.history->find(*moved).value()->target == "c");
}

TEST_CASE("a verification by hand is refused with the reason") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.hold_runs();
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  bench.begun.acquire();
  until([&] { return bench.state("a").running.has_value(); });
  const auto again = bench.scheduler->verify_now("a");
  REQUIRE_FALSE(again);
  CHECK(again.error().text ==
        "a verification goes on already: " + bench.state("a").running->run_id);
  CHECK_FALSE(bench.scheduler->verify_now("nobody"));
}

TEST_CASE("a verification by hand of a target that has nothing new verifies its newest backup") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  Target target = bench.target("a");
  target.select = {Policy::every_new, 1, {}};
  bench.configure({target});
  bench.scheduler->start();
  wait_for_jobs(bench, 1);
  const auto asked = bench.scheduler->verify_now("a");
  REQUIRE(asked);
  wait_for_jobs(bench, 2);
  CHECK(bench.history->find(*asked).value()->backup.id == "x.db");
}

TEST_CASE("what waits can be cancelled, too") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.folder.write("a/x.db", "x");
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  const auto asked = bench.scheduler->verify_now("a");
  CHECK(bench.scheduler->cancel(*asked));
  CHECK_FALSE(bench.scheduler->is_pending(*asked));
  CHECK_FALSE(bench.state("a").queued);
  CHECK_FALSE(bench.scheduler->cancel(*asked));
}

TEST_CASE("runs that go on at a time are promised what they take, and none waits for itself") {
  Bench bench("2026-11-23T12:00:00Z", {.workers = 2});
  bench.hold_runs();
  std::vector<Target> targets;
  const std::uintmax_t free = space_of(bench.folder.path()).value().available;
  for (const char* name : {"a", "b"}) {
    targets.push_back(bench.target(name));
    // Each needs more than half of what there is.
    bench.folder.write(std::string(name) + "/x.db", "x");
    Run run;
    run.id = new_run_id(noon - 48h);
    run.target = name;
    run.started = noon - 48h;
    run.finished = run.restored = true;
    run.verdict = Verdict::passed;
    run.cause = Cause::none;
    run.backup.bytes = 1;
    run.resources.scratch = free * 6 / 10;
    REQUIRE(bench.history->begin(run));
    REQUIRE(bench.history->finish(run));
  }
  bench.configure(targets);
  bench.scheduler->start();
  bench.begun.acquire();
  until([&] {
    bench.scheduler->look();
    return bench.published.get()->waiting_for_scratch == 1;
  });
  CHECK(test::jobs_of(bench) == 1);
  CHECK(bench.published.get()->scratch_promised > free / 2);
  bench.let_go(2);
  wait_for_jobs(bench, 2);
  for (const Job& job : bench.jobs) CHECK(job.target.limits.scratch > free / 2);
  CHECK(bench.published.get()->scratch_promised == 0);
  CHECK(bench.published.get()->waiting_for_scratch == 0);
}

TEST_CASE("a run that a worker has taken and not begun is known to whoever asks") {
  std::binary_semaphore chosen{0}, go_on{0};
  std::atomic<int> looks = 0;
  SchedulerSettings settings;
  // The first look is that of the listing; what it cannot tell is asked again by the worker.
  settings.looker = [&](const Target&, const Backup&) -> Result<Look> {
    if (++looks == 2) {
      chosen.release();
      go_on.acquire();
    }
    return Error{Cause::fetch, "made so", ""};
  };
  Bench bench("2026-11-23T12:00:00Z", settings);
  bench.folder.write("a/x.db", "x");
  bench.act = [](Run& run, const std::stop_token& stop) {
    if (stop.stop_requested())
      run.stages = {{Stage::select, {}, Error{Cause::cancelled, "cancelled", ""}}};
  };
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  chosen.acquire();
  const auto again = bench.scheduler->verify_now("a");
  REQUIRE_FALSE(again);
  REQUIRE(again.error().text.starts_with("a verification goes on already: "));
  const std::string id = again.error().text.substr(again.error().text.rfind(' ') + 1);
  CHECK(bench.scheduler->is_pending(id));
  CHECK(bench.scheduler->cancel(id));
  go_on.release();
  wait_for_jobs(bench, 1);
  until(
      [&] { return bench.history->find(id).value() && bench.history->find(id).value()->finished; });
  CHECK(bench.history->find(id).value()->cause == Cause::cancelled);
}

TEST_CASE("nobody is promised a run by a service that ends") {
  Bench bench("2026-11-23T12:00:00Z");
  bench.configure({bench.target("a")});
  bench.scheduler->start();
  CHECK(bench.scheduler->stop());
  CHECK_FALSE(bench.scheduler->verify_now("a"));
}
