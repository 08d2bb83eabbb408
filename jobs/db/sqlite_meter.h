// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "model/event.h"

namespace backproof {

// Adds up the pages that many threads read and says so now and then, from one thread at a time.
class PageMeter {
 public:
  // `context` must outlive the meter.
  PageMeter(const RunContext& context, std::uint64_t total) : context_(context), total_(total) {}

  void add(std::uint64_t pages) {
    const std::uint64_t before = done_.fetch_add(pages, std::memory_order_relaxed);
    if (before / step != (before + pages) / step) report();
  }

 private:
  static constexpr std::uint64_t step = 4096;

  void report() {
    const std::unique_lock lock(reporting_, std::try_to_lock);
    if (!lock || !context_.progress) return;
    const std::uint64_t done = done_.load(std::memory_order_relaxed);
    context_.progress(done < total_ ? done : total_, total_);
  }

  const RunContext& context_;
  std::uint64_t total_;
  std::atomic<std::uint64_t> done_{0};
  std::mutex reporting_;  // guards the call of progress()
};

}  // namespace backproof
