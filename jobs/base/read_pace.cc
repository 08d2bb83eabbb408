// SPDX-License-Identifier: Apache-2.0
#include "base/read_pace.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace backproof {
namespace {

using Time = std::chrono::steady_clock;

std::atomic<std::uintmax_t> rate = 0;
std::mutex mutex;
std::condition_variable waiting;
Time::time_point paid_until;  // guarded by mutex: when all that was read may have been

}  // namespace

void pace_reading(std::uintmax_t bytes_per_second) {
  rate = bytes_per_second;
}

void keep_pace(std::size_t bytes) {
  const std::uintmax_t per_second = rate;
  if (per_second == 0 || bytes == 0) return;
  Time::time_point until;
  {
    const std::lock_guard lock(mutex);
    // Time in which nothing was read is not saved up.
    paid_until = std::max(paid_until, Time::now());
    const std::chrono::duration<double> price(static_cast<double>(bytes) /
                                              static_cast<double>(per_second));
    until = paid_until += std::chrono::ceil<Time::duration>(price);
  }
  // Nobody notifies: what is waited for is the time.
  std::unique_lock lock(mutex);
  waiting.wait_until(lock, until, [] { return false; });
}

}  // namespace backproof
