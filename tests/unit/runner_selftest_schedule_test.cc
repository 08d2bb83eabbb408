// SPDX-License-Identifier: Apache-2.0
#include "runner/selftest_schedule.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

TargetState scheduled(const std::string& name = "crm") {
  TargetState state;
  state.target.name = name;
  state.target.selftest = Schedule::parse("0 3 * * *").value();
  state.history.last_passed.emplace();
  return state;
}

// A service's snapshot, tested by a fake that notes who was tested when.
struct Bench {
  FakeClock clock{at("2026-11-23T12:00:00Z")};
  Published<Snapshot> published{Snapshot{}};
  std::vector<std::string> done;
  std::stop_source stop;
  bool answers = true;
  SelftestSchedule schedule{clock, published, [this](const Target& target, const std::stop_token&) {
                              done.push_back(target.name + " " + text_of(clock.now()));
                              if (answers) answer(target.name);
                            }};

  static std::string text_of(TimePoint t) {
    return std::to_string((t - at("2026-11-23T00:00:00Z")) / 1h);
  }
  void publish(std::vector<TargetState> targets) {
    Snapshot snapshot;
    snapshot.targets = std::move(targets);
    published.set(std::move(snapshot));
  }
  void answer(const std::string& name) {
    Snapshot snapshot = *published.get();
    for (TargetState& state : snapshot.targets)
      if (state.target.name == name) {
        state.history.last_selftest.emplace();
        state.history.last_selftest->started = clock.now();
      }
    published.set(std::move(snapshot));
  }
  void hours(int n) {
    for (int i = 0; i < n; ++i) {
      clock.advance(1h);
      schedule.tick(stop.get_token());
    }
  }
};

}  // namespace

TEST_CASE("a scheduled self-test begins at once, then at its times") {
  Bench bench;
  bench.publish({scheduled()});
  bench.schedule.tick(bench.stop.get_token());
  bench.hours(48);
  CHECK(bench.done == std::vector<std::string>{"crm 12", "crm 27", "crm 51"});
}

TEST_CASE("one that gives no answer is tried again at the next time, not at once") {
  Bench bench;
  bench.answers = false;
  bench.publish({scheduled()});
  bench.schedule.tick(bench.stop.get_token());
  bench.hours(24);
  CHECK(bench.done == std::vector<std::string>{"crm 12", "crm 27"});
}

TEST_CASE("times that passed while nobody was there become one self-test") {
  Bench bench;
  TargetState state = scheduled();
  state.history.last_selftest.emplace();
  state.history.last_selftest->started = at("2026-11-01T03:00:00Z");
  bench.publish({state});
  bench.schedule.tick(bench.stop.get_token());
  bench.hours(2);
  CHECK(bench.done == std::vector<std::string>{"crm 12"});
}

TEST_CASE("no self-test without a schedule, of a disabled target, or before anything passed") {
  Bench bench;
  TargetState disabled = scheduled("disabled"), fresh = scheduled("fresh"),
              by_hand = scheduled("by hand");
  disabled.target.enabled = false;
  fresh.history.last_passed.reset();
  by_hand.target.selftest.reset();
  bench.publish({disabled, fresh, by_hand, scheduled("due")});
  bench.schedule.tick(bench.stop.get_token());
  bench.hours(5);
  CHECK(bench.done == std::vector<std::string>{"due 12"});
}

TEST_CASE("a clock that was set back leaves no self-test waiting for years") {
  const TimePoint now = at("2026-11-23T12:00:00Z");
  TargetState state = scheduled();
  state.history.last_selftest.emplace();
  state.history.last_selftest->started = at("2031-01-01T00:00:00Z");
  CHECK(selftest_due(state, {}, now) == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("its thread ends at once when it is stopped") {
  Bench bench;
  bench.publish({});
  bench.schedule.start();
  bench.schedule.stop();
  CHECK(bench.done.empty());
}
