// SPDX-License-Identifier: Apache-2.0
#include "runner/side_schedule.h"

#include <algorithm>

#include "model/start.h"

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);

// What was missed while nobody was there is made up for, once. A clock that was set back must not
// leave a target waiting for a time that lies far ahead. What is late waits for a blackout's end.
TimePoint next_of(const Target& target, const Schedule& schedule, TimePoint last, TimePoint now) {
  const TimePoint next = next_start(target, schedule, std::min(last, now)).at;
  const bool waits = next != TimePoint{} && next <= now && target.blackout.blocked_since(now);
  return waits ? target.blackout.free_from(now) : next;
}

}  // namespace

TimePoint selftest_due(const TargetState& state, TimePoint tried, TimePoint now) {
  if (!state.target->enabled || !state.target->selftest || !state.history.last_passed) return {};
  const auto& last = state.history.last_selftest;
  if (!last && tried == TimePoint{}) return state.target->blackout.free_from(now);
  return next_of(*state.target, *state.target->selftest,
                 last ? std::max(last->started, tried) : tried, now);
}

TimePoint drill_due(const TargetState& state, TimePoint tried, TimePoint now) {
  const Target& target = *state.target;
  if (!target.enabled || !target.drill || !target.drill->schedule) return {};
  const auto& ended = state.history.last_drill_ended;
  TimePoint last = std::max(tried, state.history.drill_since);
  if (ended) last = std::max(last, end_of(*ended));
  return next_of(target, *target.drill->schedule, last == TimePoint{} ? now : last, now);
}

void SideSchedule::tick(const std::stop_token& stop) {
  const auto snapshot = published_.get();
  const TargetStates& states = snapshot->targets;
  if (clock_.now() < looked_) quiet_until_.clear();  // it was set back
  looked_ = clock_.now();
  quiet_until_.resize(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (stop.stop_requested()) return;
    const bool same = i < last_.size() && &states[i] == &last_[i];
    if (!same || clock_.now() >= quiet_until_[i]) quiet_until_[i] = carry_out(states[i], stop);
  }
  last_ = states;
}

TimePoint SideSchedule::carry_out(const TargetState& state, const std::stop_token& stop) {
  TimePoint next = TimePoint::max();
  for (const Errand& errand : errands_) {
    const TimePoint now = clock_.now();
    // Never, whatever was tried: so are most.
    if (errand.due(state, {}, now) == TimePoint{}) continue;
    TimePoint& tried = tried_[{&errand, state.target->name}];
    const TimePoint due = errand.due(state, tried, now);
    if (due != TimePoint{}) next = std::min(next, due);
    if (due == TimePoint{} || now < due) continue;
    tried = now;
    errand.carry_out(*state.target, stop);
  }
  return next;
}

void SideSchedule::start() {
  ended_ = false;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      tick(stop);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [] { return false; });
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_.notify_all();
  });
}

bool SideSchedule::stop() {
  constexpr std::chrono::seconds patience{5};
  thread_.request_stop();
  {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, patience, [this] { return ended_; })) return false;
  }
  if (thread_.joinable()) thread_.join();
  return true;
}

}  // namespace backproof
