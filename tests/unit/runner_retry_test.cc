// SPDX-License-Identifier: Apache-2.0
#include "runner/retry.h"

#include <climits>
#include <set>

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

Run ended(Cause cause, int attempt = 1) {
  Run run;
  run.id = "20261123T030000Z-00000000";
  run.target = "crm";
  run.started = at("2026-11-23T03:00:00Z");
  run.took = 10min;
  run.finished = true;
  run.cause = cause;
  run.verdict = verdict_of(cause);
  run.attempt = attempt;
  return run;
}

constexpr auto end = "2026-11-23T03:10:00Z";

}  // namespace

TEST_CASE("only what can pass by itself is tried again") {
  const std::set<Cause> again{Cause::fetch, Cause::space, Cause::interrupted, Cause::crashed};
  for (const Cause cause : all_causes) {
    INFO(name_of(cause));
    CHECK((retry_at(daily(), ended(cause)) != TimePoint{}) == again.contains(cause));
  }
  CHECK(retry_at(daily(), ended(Cause::none)) == TimePoint{});
}

TEST_CASE("the wait before another attempt doubles up to its most, and half of it is chance") {
  Target target = daily();
  target.retry = {.attempts = 20, .delay = 1min, .max_delay = 10min};
  const Duration expected[] = {1min, 2min, 4min, 8min, 10min, 10min};
  for (int attempt = 1; attempt <= 6; ++attempt) {
    const Duration waits = retry_at(target, ended(Cause::fetch, attempt)) - at(end);
    CHECK(waits >= expected[attempt - 1]);
    CHECK(waits <= expected[attempt - 1] * 3 / 2);
  }
  // Not even a number of attempts that overflows anything changes that.
  CHECK(retry_delay(target.retry, ended(Cause::fetch, INT_MAX)) <= 15min);
}

TEST_CASE("what failed for one reason does not come back at one moment") {
  std::set<Duration> waits;
  Run run = ended(Cause::fetch);
  RetrySpec retry{.attempts = 3, .delay = 1h, .max_delay = 1h};
  for (int i = 0; i < 100; ++i) {
    run.target = "t" + std::to_string(i);
    waits.insert(retry_delay(retry, run));
    CHECK(retry_delay(retry, run) == retry_delay(retry, run));
  }
  CHECK(waits.size() > 80);
}

TEST_CASE("what was cut off is tried again at once") {
  CHECK(retry_at(daily(), ended(Cause::interrupted)) == at(end));
}

TEST_CASE("attempts are bounded") {
  Target target = daily();
  CHECK(retry_at(target, ended(Cause::fetch, 2)) != TimePoint{});
  CHECK(retry_at(target, ended(Cause::fetch, 3)) == TimePoint{});
  target.retry.attempts = 1;
  CHECK(retry_at(target, ended(Cause::interrupted)) == TimePoint{});
  CHECK(retry_at(target, ended(Cause::fetch, INT_MAX)) == TimePoint{});
}

TEST_CASE("nothing is tried again by itself of a target that does nothing by itself") {
  Target target = daily();
  target.enabled = false;
  CHECK(retry_at(target, ended(Cause::fetch)) == TimePoint{});
  target.enabled = true;
  target.schedule.reset();
  CHECK(retry_at(target, ended(Cause::fetch)) == TimePoint{});
  target.on_arrival = true;
  CHECK(retry_at(target, ended(Cause::fetch)) != TimePoint{});
}
