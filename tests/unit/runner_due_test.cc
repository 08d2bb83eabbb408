// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include "model/start.h"
#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;

namespace {

Target daily() {
  Target target;
  target.schedule = Schedule::parse("0 3 * * *").value();
  return target;
}

TargetHistory ran_at(std::string_view time, Cause cause = Cause::none) {
  TargetHistory history;
  history.last_run = Run{};
  history.last_run->started = at(time);
  history.last_run->cause = cause;
  return history;
}

}  // namespace

TEST_CASE("a target that never ran is due at once") {
  const Due due = first_due(daily(), {}, at("2026-11-23T12:00:00Z"));
  CHECK(due.next == at("2026-11-23T12:00:00Z"));
  CHECK(due.trigger == "first");
}

TEST_CASE("a target that ran after its last time waits for the next") {
  const Due due = first_due(daily(), ran_at("2026-11-23T03:00:05Z"), at("2026-11-23T12:00:00Z"));
  CHECK(due.next == at("2026-11-24T03:00:00Z"));
  CHECK(due.trigger == "schedule");
}

TEST_CASE("times that passed while nobody was there coalesce into one late run") {
  const Due due = first_due(daily(), ran_at("2026-11-13T03:00:05Z"), at("2026-11-23T12:00:00Z"));
  CHECK(due.next == at("2026-11-23T12:00:00Z"));
  CHECK(due.trigger == "missed");
}

TEST_CASE("a late run remembers when it should have been") {
  const Due due = first_due(daily(), ran_at("2026-11-22T03:00:05Z"), at("2026-11-23T12:00:00Z"));
  CHECK(due.scheduled == at("2026-11-23T03:00:00Z"));
  CHECK(next_due(daily(), at("2026-11-23T12:00:00Z")).scheduled == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("a disabled target and one without a schedule are never due") {
  Target target = daily();
  target.enabled = false;
  CHECK(first_due(target, {}, at("2026-11-23T12:00:00Z")).next == TimePoint{});
  CHECK(next_due(Target{}, at("2026-11-23T12:00:00Z")).next == TimePoint{});
}

TEST_CASE("whatever starts waits for the end of a blackout") {
  Target target = daily();
  target.blackout = Blackout::parse({"08:00-18:00"}, "UTC").value();
  const TimePoint noon = at("2026-11-23T12:00:00Z"), evening = at("2026-11-23T18:00:00Z");
  CHECK(first_due(target, {}, noon) == Due{evening, "first", {}});
  CHECK(first_due(target, ran_at("2026-11-13T03:00:05Z"), noon) ==
        Due{evening, "missed", at("2026-11-14T03:00:00Z")});
  target.select.policy = Policy::every_new;
  CHECK(first_due(target, ran_at("2026-11-23T03:00:05Z"), noon) == Due{evening, "backlog", {}});
}

TEST_CASE("a start that a blackout put off is to come, not missed, after a restart within it") {
  Target target = daily();
  target.blackout = Blackout::parse({"02:00-06:00"}, "UTC").value();
  const Due due = first_due(target, ran_at("2026-11-22T06:00:00Z"), at("2026-11-23T04:00:00Z"));
  CHECK(due == Due{at("2026-11-23T06:00:00Z"), "schedule", at("2026-11-23T03:00:00Z")});
  CHECK(missed_time(target, ran_at("2026-11-22T06:00:00Z"), at("2026-11-23T04:00:00Z")) ==
        TimePoint{});
}

TEST_CASE("a time that was verified does not come again by a jitter or a blackout that is new") {
  TargetHistory history = ran_at("2026-11-23T03:00:05Z");
  history.last_run->scheduled = at("2026-11-23T03:00:00Z");
  Target target = daily();
  target.name = "crm";
  target.jitter = 10min;
  CHECK(first_due(target, history, at("2026-11-23T03:01:00Z")).scheduled ==
        at("2026-11-24T03:00:00Z"));
  target.blackout = Blackout::parse({"02:00-06:00"}, "UTC").value();
  CHECK(first_due(target, history, at("2026-11-23T04:00:00Z")).next == at("2026-11-24T06:00:00Z"));
}

TEST_CASE("a cut-off run hides no time that was missed meanwhile") {
  const TargetHistory history = ran_at("2026-11-20T03:00:05Z", Cause::interrupted);
  CHECK(first_due(daily(), history, at("2026-11-23T12:00:00Z")).trigger == "missed");
  CHECK(missed_time(daily(), history, at("2026-11-23T12:00:00Z")) == at("2026-11-21T03:00:00Z"));
  CHECK(missed_time(daily(), history, at("2026-11-20T12:00:00Z")) == TimePoint{});
  CHECK(missed_time(daily(), {}, at("2026-11-23T12:00:00Z")) == TimePoint{});
}

namespace {

// A year of a host that is up and down by chance.
struct Year {
  explicit Year(Target t) : target(std::move(t)) {
    Start start{from, {}};
    while ((start = next_start(target, *target.schedule, start.at)).at < end + 20 * 24h)
      starts.push_back(start.at);
  }
  std::vector<TimePoint> starts_in(TimePoint after, TimePoint until) const {
    std::vector<TimePoint> out;
    for (const TimePoint t : starts)
      if (t > after && t <= until) out.push_back(t);
    return out;
  }
  // Verifies all that is due from `now` on, as the scheduler does: when each started.
  std::vector<TimePoint> up(TimePoint now, TimePoint until) {
    std::vector<TimePoint> runs;
    for (Due due = first_due(target, history, now); due.next <= until;
         due = next_due(target, now)) {
      now = due.next;
      history.last_run.emplace();
      history.last_run->started = now;
      history.last_run->cause = Cause::none;
      history.last_run->scheduled = due.scheduled;
      runs.push_back(now);
    }
    return runs;
  }

  static constexpr TimePoint from = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  static constexpr TimePoint end = from + 365 * 24h;  // of ups; starts are known for longer
  Target target;
  TargetHistory history;
  std::vector<TimePoint> starts;
};

}  // namespace

TEST_CASE("in a year of ups and downs every start is made in time, or one late for all missed") {
  test::Random random(5);
  for (const char* zone : {"UTC", "Europe/Berlin", "Australia/Lord_Howe"})
    for (const char* expression : {"*/30 * * * *", "30 2 * * *", "0 3 L,15 * *", "0 4 * * 6#2"}) {
      Target target;
      target.name = std::string(zone) + expression;
      target.schedule = Schedule::parse(expression, zone).value();
      target.jitter = 10min;
      target.blackout = Blackout::parse({"mon-fri 01:00-03:30", "12:00-13:00"}, zone).value();
      Year year(target);
      INFO(expression << " in " << zone);
      TimePoint ran;  // when the last run started
      std::size_t wrong = 0;
      for (TimePoint up = Year::from; up < Year::end;) {
        const bool missed = ran == TimePoint{} || !year.starts_in(ran, up).empty();
        if (ran != TimePoint{})
          wrong += (missed_time(target, year.history, up) != TimePoint{}) != missed;
        const TimePoint down = up + std::chrono::minutes(random.below(20'000));
        std::vector<TimePoint> expected = year.starts_in(up, down);
        const TimePoint late = target.blackout.free_from(up);
        if (missed && late <= down && (expected.empty() || expected.front() != late))
          expected.insert(expected.begin(), late);
        wrong += year.up(up, down) != expected;
        if (!expected.empty()) ran = expected.back();
        up = down + std::chrono::minutes(1 + random.below(8'000));
      }
      CHECK(wrong == 0);
    }
}
