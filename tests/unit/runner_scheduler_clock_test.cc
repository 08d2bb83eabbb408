// SPDX-License-Identifier: Apache-2.0
// A clock that is set while a run goes on, waits, or nobody is there.
#include "runner/urgency.h"
#include "unit/runner_scheduler_bench.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr Duration year = std::chrono::hours(24 * 365);

// A bench with one target that has a backup and one daily time, and whose runs wait for `go`.
struct Daily {
  explicit Daily(std::string_view now) : bench(now) {
    bench.folder.write("a/x.db", "x");
    target = bench.target("a");
    target.max_age = std::chrono::hours(48);
    bench.configure({target});
  }
  void look_until_runs(std::uint64_t runs) {
    until([&] {
      bench.scheduler->tick();
      return state().history.totals.runs >= runs;
    });
  }
  const TargetState& state() { return bench.state("a"); }
  double urgency() { return urgency_of(target, state().history, 24h, bench.clock.now()); }

  Bench bench;
  Target target;
};

}  // namespace

TEST_CASE("a clock set forward a year during a run makes one late run, and nothing twice") {
  Daily daily("2026-11-23T12:00:00Z");
  daily.bench.hold_runs();
  daily.bench.scheduler->start();
  daily.bench.begun.acquire();
  daily.bench.clock.advance(year);
  daily.bench.scheduler->tick();
  daily.bench.let_go(100);
  daily.look_until_runs(2);
  for (int i = 0; i < 20; ++i) daily.bench.scheduler->tick();
  CHECK(jobs_of(daily.bench) == 2);
  CHECK(daily.state().history.totals.runs == 2);
  CHECK(daily.state().history.consecutive_failures == 0);
  CHECK(daily.state().next_due == at("2027-11-24T03:00:00Z"));
}

TEST_CASE("a clock set back a year during a run leaves the next time where it belongs") {
  Daily daily("2027-11-23T12:00:00Z");
  daily.bench.hold_runs();
  daily.bench.scheduler->start();
  daily.bench.begun.acquire();
  daily.bench.scheduler->tick();
  daily.bench.clock.advance(-year);
  daily.bench.scheduler->tick();
  daily.bench.let_go(100);
  daily.look_until_runs(1);
  CHECK(daily.state().next_due == at("2026-11-24T03:00:00Z"));
  CHECK(daily.state().history.last_run->verdict == Verdict::passed);
  CHECK(daily.state().history.last_run->took >= Duration{});
  CHECK(daily.urgency() >= 0);
  daily.bench.clock.set(at("2026-11-24T03:00:01Z"));
  daily.look_until_runs(2);
  CHECK(jobs_of(daily.bench) == 2);
}

TEST_CASE("a pass that ended in the future makes no target more urgent than one just verified") {
  Daily daily("2027-11-23T12:00:00Z");
  daily.bench.scheduler->start();
  daily.look_until_runs(1);
  daily.bench.clock.advance(-year);
  daily.bench.scheduler->tick();
  CHECK(daily.urgency() >= 0);
  CHECK(daily.urgency() <= 1);
  CHECK(daily.state().history.last_passed->started == at("2027-11-23T12:00:00Z"));
}

TEST_CASE("what is tried again does not wait for a time that a clock ahead had set") {
  Daily daily("2027-11-23T12:00:00Z");
  daily.bench.act = [](Run& run, const std::stop_token&) {
    run.stages = {{Stage::fetch, 1s, Error{Cause::fetch, "away", ""}}};
  };
  daily.bench.scheduler->start();
  daily.look_until_runs(1);
  REQUIRE(daily.state().history.last_run->verdict == Verdict::inconclusive);
  SECTION("and is set back meanwhile") {
    daily.bench.clock.advance(-year);
  }
  SECTION("and is right when the service starts again") {
    daily.bench.scheduler.reset();
    daily.bench.clock.advance(-year);
    daily.bench.start_anew();
    daily.bench.configure({daily.target});
    daily.bench.scheduler->start();
  }
  daily.bench.scheduler->tick();
  daily.bench.clock.advance(10min);
  daily.look_until_runs(2);
  CHECK(daily.state().history.last_run->trigger == "retry");
}
