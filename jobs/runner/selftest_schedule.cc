// SPDX-License-Identifier: Apache-2.0
#include "runner/selftest_schedule.h"

#include <algorithm>

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);

}  // namespace

TimePoint selftest_due(const TargetState& state, TimePoint tried, TimePoint now) {
  if (!state.target.enabled || !state.target.selftest || !state.history.last_passed) return {};
  const auto& last = state.history.last_selftest;
  if (!last && tried == TimePoint{}) return now;
  // One that was missed while nobody was there is made up for, once. A clock that was set back must
  // not leave a target waiting for a time that lies far ahead.
  const TimePoint base = last ? std::max(last->started, tried) : tried;
  return state.target.selftest->next_after(std::min(base, now));
}

void SelftestSchedule::tick(const std::stop_token& stop) {
  const auto snapshot = published_.get();
  for (const TargetState& state : snapshot->targets) {
    if (stop.stop_requested()) return;
    const TimePoint now = clock_.now();
    TimePoint& tried = tried_[state.target.name];
    const TimePoint due = selftest_due(state, tried, now);
    if (due == TimePoint{} || now < due) continue;
    tried = now;
    test_(state.target, stop);
  }
}

void SelftestSchedule::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      tick(stop);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [] { return false; });
    }
  });
}

void SelftestSchedule::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace backproof
