// SPDX-License-Identifier: Apache-2.0
#include "runner/retry.h"

#include <algorithm>

#include "base/digest.h"

namespace backproof {
namespace {

// From 0 to 1, the same for the same text in every version of this program.
double fraction_of(std::string_view text) {
  Sha256 hash;
  hash.update(as_bytes(text));
  return static_cast<double>(std::stoul(hash.hex().substr(0, 4), nullptr, 16)) / 0x10000;
}

}  // namespace

Duration retry_delay(const RetrySpec& retry, const Run& run) {
  Duration delay = std::min(retry.delay, retry.max_delay);
  for (int i = 1; i < run.attempt && delay < retry.max_delay; ++i)
    delay = std::min(delay * 2, retry.max_delay);
  const double more = seconds_of(delay) / 2 * fraction_of(run.target + '\n' + run.id);
  return delay + std::chrono::floor<std::chrono::seconds>(
                     std::chrono::duration_cast<Duration>(std::chrono::duration<double>(more)));
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
