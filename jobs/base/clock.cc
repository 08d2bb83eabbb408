// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

namespace backproof {
namespace {

class SystemClock : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
  Duration elapsed() const override {
    return std::chrono::duration_cast<Duration>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
};

constinit const SystemClock the_clock{};

}  // namespace

const Clock& system_clock() {
  return the_clock;
}

}  // namespace backproof
