// SPDX-License-Identifier: Apache-2.0
#include "runner/due.h"

#include "support/support.h"

using namespace backproof;
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

TEST_CASE("a run that was cut off is made again at once") {
  for (const Cause cause : {Cause::interrupted, Cause::cancelled}) {
    const Due due =
        first_due(daily(), ran_at("2026-11-23T03:00:05Z", cause), at("2026-11-23T03:10:00Z"));
    CHECK(due.next == at("2026-11-23T03:10:00Z"));
    CHECK(due.trigger == "retry");
  }
}

TEST_CASE("a run that is cut off every time is given up after the third attempt") {
  TargetHistory history = ran_at("2026-11-23T03:00:05Z", Cause::interrupted);
  history.last_run->attempt = 3;
  const Due due = first_due(daily(), history, at("2026-11-23T03:10:00Z"));
  CHECK(due.next == at("2026-11-24T03:00:00Z"));
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
