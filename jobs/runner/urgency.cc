// SPDX-License-Identifier: Apache-2.0
#include "runner/urgency.h"

#include <algorithm>

namespace backproof {

double urgency_of(const Target& target, const TargetHistory& history, Duration interval,
                  TimePoint now) {
  Duration most = target.max_age;
  if (most == Duration{} && target.select.policy == Policy::every_new) most = target.select.within;
  if (most == Duration{}) most = interval * 22 / 10;
  if (most == Duration{}) most = std::chrono::days(1);
  const TimePoint since = history.last_passed ? end_of(*history.last_passed) : history.created;
  return std::max(0.0, seconds_of(now - since)) / seconds_of(most);
}

}  // namespace backproof
