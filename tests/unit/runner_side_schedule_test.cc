// SPDX-License-Identifier: Apache-2.0
#include "runner/side_schedule.h"

#include "model/start.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

TargetState scheduled(const std::string& name = "crm") {
  TargetState state;
  state.target->name = name;
  state.target->selftest = Schedule::parse("0 3 * * *").value();
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
  SideSchedule schedule{clock,
                        published,
                        {{selftest_due,
                          [this](const Target& target, const std::stop_token&) {
                            done.push_back(target.name + " " + text_of(clock.now()));
                            if (answers) answer(target.name);
                          }},
                         {drill_due, [this](const Target& target, const std::stop_token&) {
                            done.push_back("drill of " + target.name + " " + text_of(clock.now()));
                          }}}};

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
    for (std::size_t i = 0; i < snapshot.targets.size(); ++i)
      if (snapshot.targets[i].target->name == name) {
        TargetHistory& history = snapshot.targets.own(i).history;
        history.last_selftest.emplace();
        history.last_selftest->started = clock.now();
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
  disabled.target->enabled = false;
  fresh.history.last_passed.reset();
  by_hand.target->selftest.reset();
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
  CHECK(bench.schedule.stop());
  CHECK(bench.done.empty());
}

namespace {

// Drills of it were scheduled at noon of the 20th, for every third day at 4.
TargetState drilled(const std::string& name = "crm") {
  TargetState state;
  state.target->name = name;
  state.target->drill.emplace().schedule = Schedule::parse("0 4 */3 * *").value();  // 22nd, 25th
  state.history.drill_since = at("2026-11-20T12:00:00Z");
  return state;
}

}  // namespace

TEST_CASE("a drill begins at its schedule's times only, the first one too") {
  Bench bench;
  TargetState state = drilled();
  state.history.drill_since = at("2026-11-23T11:00:00Z");
  bench.publish({state});
  bench.schedule.tick(bench.stop.get_token());
  bench.hours(5 * 24);
  CHECK(bench.done == std::vector<std::string>{"drill of crm 52", "drill of crm 124"});
}

TEST_CASE("drills that nobody was there for become one, also where there never was any") {
  const TimePoint now = at("2026-11-30T12:00:00Z");
  TargetState state = drilled();
  CHECK(drill_due(state, {}, now) == at("2026-11-22T04:00:00Z"));
  CHECK(drill_due(state, now, now) == at("2026-12-01T04:00:00Z"));
  Drill& last = state.history.last_drill_ended.emplace();
  last.started = at("2026-11-25T04:00:00Z");
  last.took = 1h;
  CHECK(drill_due(state, {}, now) == at("2026-11-28T04:00:00Z"));
}

TEST_CASE("a drill by hand over the due time stands for the one that was due") {
  TargetState state = drilled();
  Drill& last = state.history.last_drill_ended.emplace();
  last.started = at("2026-11-25T03:00:00Z");
  last.took = 2h;
  CHECK(drill_due(state, {}, at("2026-11-25T05:01:00Z")) == at("2026-11-28T04:00:00Z"));
}

TEST_CASE("no drill without a schedule, of a disabled target, or for a clock that was ahead") {
  const TimePoint now = at("2026-11-23T12:00:00Z");
  TargetState by_hand = drilled(), disabled = drilled(), ahead = drilled(), none = drilled();
  by_hand.target->drill->schedule.reset();
  disabled.target->enabled = false;
  none.target->drill.reset();
  ahead.history.last_drill_ended.emplace().started = at("2031-01-01T00:00:00Z");
  CHECK(drill_due(by_hand, {}, now) == TimePoint{});
  CHECK(drill_due(disabled, {}, now) == TimePoint{});
  CHECK(drill_due(none, {}, now) == TimePoint{});
  CHECK(drill_due(ahead, {}, now) == at("2026-11-25T04:00:00Z"));
}

TEST_CASE("self-tests and drills of a target come one after the other") {
  Bench bench;
  TargetState both = scheduled();
  both.target->drill = drilled().target->drill;
  both.history.drill_since = drilled().history.drill_since;
  bench.publish({both});
  bench.schedule.tick(bench.stop.get_token());
  CHECK(bench.done == std::vector<std::string>{"crm 12", "drill of crm 12"});
}

TEST_CASE("self-tests and drills keep out of blackouts, the first and late ones too") {
  const TimePoint noon = at("2026-11-23T12:00:00Z"), evening = at("2026-11-23T18:00:00Z");
  TargetState state = scheduled();
  state.target->blackout = Blackout::parse({"08:00-18:00", "03:00-03:30"}, "UTC").value();
  CHECK(selftest_due(state, {}, noon) == evening);
  CHECK(selftest_due(state, noon - 24h, noon) == evening);
  CHECK(selftest_due(state, noon - 24h, evening) == at("2026-11-23T03:30:00Z"));
  CHECK(selftest_due(state, noon, noon) == at("2026-11-24T03:30:00Z"));
  TargetState drills = drilled();
  drills.target->blackout = state.target->blackout;
  CHECK(drill_due(drills, {}, noon) == evening);
  drills.target->jitter = 1h;
  drills.target->blackout = {};
  CHECK(drill_due(drills, noon, noon) == at("2026-11-25T04:00:00Z") + delay_of(*drills.target));
}

TEST_CASE("a year of self-tests and drills, hour by hour, each in time and none in a blackout") {
  Bench bench;
  bench.clock.set(at("2026-01-01T00:00:00Z"));
  TargetState state = scheduled();
  const auto schedule = [](const char* text) {
    return Schedule::parse(text, "Europe/Berlin").value();
  };
  state.target->selftest = schedule("0 9 * * 1-5");
  state.target->drill.emplace().schedule = schedule("0 4 * * 6#2");
  state.target->blackout = Blackout::parse({"mon-fri 08:00-18:00"}, "Europe/Berlin").value();
  state.history.drill_since = bench.clock.now();
  bench.publish({state});
  bench.schedule.tick(bench.stop.get_token());
  std::size_t tests = 0, drills = 0, wrong = 0;
  for (int hour = 0; hour < 365 * 24; ++hour) {
    bench.done.clear();
    bench.hours(1);
    for (const std::string& done : bench.done) {
      ++(done.starts_with("drill") ? drills : tests);
      wrong += state.target->blackout.blocked_since(bench.clock.now()).has_value();
    }
  }
  CHECK(tests == 261);
  CHECK(drills == 12);
  CHECK(wrong == 0);
}
