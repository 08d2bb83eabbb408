// SPDX-License-Identifier: Apache-2.0
#include "runner/urgency.h"

#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;
using test::at;

namespace {

constexpr TimePoint now = std::chrono::sys_days(std::chrono::November / 23 / 2026) + 12h;

TargetHistory passed(Duration ago) {
  TargetHistory history;
  history.created = now - 24h * 365;
  history.last_passed.emplace().started = now - ago;
  return history;
}

Target aged(Duration max_age) {
  Target target;
  target.max_age = max_age;
  return target;
}

}  // namespace

TEST_CASE("urgency is the age of the last pass in units of what it may be") {
  CHECK(urgency_of(aged(48h), passed(12h), 24h, now) == 0.25);
  CHECK(urgency_of(aged(48h), passed(96h), 24h, now) == 2);
  CHECK(urgency_of(aged(1h), passed(96h), 24h, now) == 96);
}

TEST_CASE("a target that never passed is as urgent as it is old") {
  TargetHistory history;
  history.created = now - 24h;
  CHECK(urgency_of(aged(48h), history, 24h, now) == 0.5);
}

TEST_CASE("without a most age other promises count, and at last a day") {
  Target target;
  target.select = {Policy::every_new, 1, 10h};
  CHECK(urgency_of(target, passed(20h), 24h, now) == 2);
  CHECK(urgency_of(aged({}), passed(11h), 10h, now) == 0.5);
  CHECK(urgency_of(aged({}), passed(12h), {}, now) == 0.5);
}

TEST_CASE("a pass in the future is not urgent") {
  CHECK(urgency_of(aged(48h), passed(-12h), 24h, now) == 0);
}
