// SPDX-License-Identifier: Apache-2.0
#include "runner/retry.h"

#include <algorithm>

#include "base/digest.h"

namespace backproof {

Duration retry_delay(const RetrySpec& retry, const Run& run) {
  Duration delay = std::min(retry.delay, retry.max_delay);
  for (int i = 1; i < run.attempt && delay < retry.max_delay; ++i)
    delay = std::min(delay * 2, retry.max_delay);
  const auto half = std::chrono::floor<std::chrono::seconds>(delay / 2).count();
  const std::uint64_t hash = hash128(as_bytes(run.target + '\n' + run.id)).low;
  return delay + std::chrono::seconds(hash % static_cast<std::uint64_t>(half + 1));
}

bool is_chosen_anew(const Target& target, const Run& run) {
  const bool arrived = run.trigger == "arrival" || (run.trigger == "retry" && target.on_arrival);
  return target.select.policy == Policy::newest && !arrived;
}

TimePoint retry_at(const Target& target, const Run& run) {
  const bool runs_by_itself = target.enabled && (target.schedule || target.on_arrival);
  if (!runs_by_itself || !run.finished || run.verdict != Verdict::inconclusive ||
      !is_retriable(run.cause) || run.attempt < 1 ||
      static_cast<unsigned>(run.attempt) >= target.retry.attempts)
    return {};
  return run.cause == Cause::interrupted ? end_of(run)
                                         : end_of(run) + retry_delay(target.retry, run);
}

}  // namespace backproof
