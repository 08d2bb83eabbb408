// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/published.h"
#include "model/snapshot.h"

namespace backproof {

// When a target's self-test is next due: its schedule's next time after the last one that gave an
// answer or was `tried` (1970: never), whichever is later; at once where there was none. 1970 =
// never: not scheduled, disabled, or nothing has passed yet that could be damaged.
TimePoint selftest_due(const TargetState& state, TimePoint tried, TimePoint now);

// Has the targets of the published snapshot tested when they are due: one at a time, in a thread of
// its own, beside the verifications and without their queue, so that no run waits for a self-test.
class SelftestSchedule {
 public:
  // Does it, records it and publishes what came of it.
  using Test = std::function<void(const Target&, const std::stop_token&)>;

  SelftestSchedule(const Clock& clock, const Published<Snapshot>& published, Test test)
      : clock_(clock), published_(published), test_(std::move(test)) {}
  ~SelftestSchedule() { stop(); }
  SelftestSchedule(const SelftestSchedule&) = delete;
  SelftestSchedule& operator=(const SelftestSchedule&) = delete;

  // One look at the clock: does what is due. What the thread does every second.
  void tick(const std::stop_token& stop);
  void start();
  // Cancels what goes on and waits for its end.
  void stop();

 private:
  const Clock& clock_;
  const Published<Snapshot>& published_;
  const Test test_;
  std::map<std::string, TimePoint> tried_;  // by target; of whoever calls tick()
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace backproof
