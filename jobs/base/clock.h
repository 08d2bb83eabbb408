// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace backproof {

// All times are UTC with microseconds; a default TimePoint{} (1970) means "never".
using Duration = std::chrono::microseconds;
using TimePoint = std::chrono::sys_time<Duration>;

inline double seconds_of(Duration d) {
  return std::chrono::duration<double>(d).count();
}
inline double seconds_of(TimePoint t) {
  return seconds_of(t.time_since_epoch());
}

// Where time comes from, so that a test can live a year in a millisecond. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall clock: may jump; for what is shown and stored.
  virtual TimePoint now() const = 0;
  // Monotonic since an arbitrary start: for durations.
  virtual Duration elapsed() const = 0;
};

// The machine's own clock; lives for the whole program.
const Clock& system_clock();

// Time since construction.
class Stopwatch {
 public:
  explicit Stopwatch(const Clock& clock = system_clock())
      : clock_(&clock), start_(clock.elapsed()) {}
  Duration took() const { return clock_->elapsed() - start_; }

 private:
  const Clock* clock_;
  Duration start_;
};

}  // namespace backproof
