// SPDX-License-Identifier: Apache-2.0
#include "model/start.h"

#include "base/digest.h"

namespace backproof {
namespace {

// Whether any of the next times would start in a blackout. What comes more often than a blackout
// lasts does so without looking.
bool is_moved(const Target& target, const Schedule& schedule, Duration interval, TimePoint t) {
  if (target.blackout.windows().empty()) return false;
  if (interval <= target.blackout.longest()) return true;
  for (int i = 0; i < 100; ++i) {
    t = schedule.next_after(t);
    if (t == TimePoint{}) return false;
    if (target.blackout.blocked_since(t + delay_of(target))) return true;
  }
  return false;
}

}  // namespace

Duration delay_of(const Target& target) {
  const auto jitter = std::chrono::floor<std::chrono::seconds>(target.jitter).count();
  if (jitter <= 0) return {};
  const std::uint64_t hash = hash128(as_bytes(target.name)).low;
  return std::chrono::seconds(hash % static_cast<std::uint64_t>(jitter));
}

TimePoint start_of(const Target& target, TimePoint scheduled) {
  return target.blackout.free_from(scheduled + delay_of(target));
}

// Every time between the begin of a blackout and `t` starts at its end, which is yet to come.
Start next_start(const Target& target, const Schedule& schedule, TimePoint t) {
  const Duration delay = delay_of(target);
  const auto blocked = target.blackout.blocked_since(t);
  const TimePoint scheduled =
      schedule.next_after(blocked ? *blocked - delay - Duration(1) : t - delay);
  if (scheduled == TimePoint{}) return {};
  return {start_of(target, scheduled), scheduled};
}

Duration interval_of(const Target& target, const std::optional<Schedule>& schedule, TimePoint t) {
  if (!schedule) return {};
  const Duration interval = schedule->interval(t);
  return is_moved(target, *schedule, interval, t) ? interval + target.blackout.longest() : interval;
}

}  // namespace backproof
