// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/published.h"
#include "model/snapshot.h"

namespace backproof {

// When a target's self-test is next due: its schedule's next time after the last one that gave an
// answer or was `tried` (1970: never), whichever is later; at once where there was none. 1970 =
// never: not scheduled, disabled, or nothing has passed yet that could be damaged.
TimePoint selftest_due(const TargetState& state, TimePoint tried, TimePoint now);

// When its drill is next due: its schedule's next time after the last one ended, whatever came of
// it, or was tried, or after drills of it were first scheduled. Never at once: a drill takes what a
// disaster takes, and its time was chosen. 1970 = never: not scheduled, or disabled.
TimePoint drill_due(const TargetState& state, TimePoint tried, TimePoint now);

// Has what else is scheduled of the published snapshot's targets done when it is due: one thing at
// a time, in a thread of its own, beside the verifications and without their queue, so that no run
// waits for a self-test or a drill.
class SideSchedule {
 public:
  struct Errand {
    TimePoint (*due)(const TargetState&, TimePoint tried, TimePoint now);
    // Does it, records it and publishes what came of it.
    std::function<void(const Target&, const std::stop_token&)> carry_out;
  };

  SideSchedule(const Clock& clock, const Published<Snapshot>& published,
               std::vector<Errand> errands)
      : clock_(clock), published_(published), errands_(std::move(errands)) {}
  ~SideSchedule() {
    while (!stop()) continue;
  }
  SideSchedule(const SideSchedule&) = delete;
  SideSchedule& operator=(const SideSchedule&) = delete;

  // One look at the clock: does what is due. What the thread does every second.
  void tick(const std::stop_token& stop);
  void start();
  // Cancels what goes on and waits for its end. False: after five seconds it goes on still, as with
  // a source that hangs; the destructor would wait for it.
  [[nodiscard]] bool stop();

 private:
  // Does what is due of it: when the next is.
  TimePoint carry_out(const TargetState& state, const std::stop_token& stop);

  const Clock& clock_;
  const Published<Snapshot>& published_;
  const std::vector<Errand> errands_;
  // All that follows is of whoever calls tick(). By errand and target.
  std::map<std::pair<const Errand*, std::string>, TimePoint> tried_;
  // At the last look: the states, and until when nothing is due of those that are the same still.
  TargetStates last_;
  std::vector<TimePoint> quiet_until_;
  TimePoint looked_;

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool ended_ = true;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace backproof
