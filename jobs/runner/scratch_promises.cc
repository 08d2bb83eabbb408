// SPDX-License-Identifier: Apache-2.0
#include "runner/scratch_promises.h"

#include <algorithm>
#include <numeric>

namespace backproof {
namespace {

constexpr std::uintmax_t mebibyte = 1U << 20U;

// No more than any file system holds: a listing can claim what it likes.
std::uintmax_t scaled(std::uintmax_t value, double by) {
  constexpr double most = 1ULL << 60U;
  return static_cast<std::uintmax_t>(std::min(static_cast<double>(value) * by, most));
}

}  // namespace

std::uintmax_t scratch_needed(const Target& target, const TargetHistory& history,
                              std::uintmax_t bytes) {
  std::uintmax_t needed = scaled(bytes, 20) + 256 * mebibyte;
  const Boxed<Run>& restored = history.last_restored;
  if (restored && restored->backup.bytes > 0 && restored->resources.scratch > 0) {
    const double grown = static_cast<double>(bytes) / static_cast<double>(restored->backup.bytes);
    needed = scaled(restored->resources.scratch, std::max(grown, 0.1) * 1.25) + 16 * mebibyte;
  }
  if (history.last_run && history.last_run->cause == Cause::space)
    needed = std::max(needed, 2 * history.last_run->resources.scratch);
  return target.limits.scratch == 0 ? needed : std::min(needed, target.limits.scratch);
}

void ScratchPromises::measured(std::uintmax_t free,
                               const std::map<std::string, std::uintmax_t>& used) {
  free_ = free;
  for (auto& [run, promise] : promised_)
    if (const auto found = used.find(run); found != used.end()) promise.used = found->second;
}

std::optional<std::uintmax_t> ScratchPromises::offer(std::uintmax_t needed, unsigned others) const {
  std::uintmax_t outstanding = 0;
  for (const auto& [run, promise] : promised_)
    outstanding += promise.bytes - std::min(promise.bytes, promise.used);
  const std::uintmax_t left = free_ - std::min(free_, outstanding);
  if (left < needed) return promised_.empty() ? std::optional(free_) : std::nullopt;
  return needed + (left - needed) / (others + 1);
}

void ScratchPromises::promise(const std::string& run, std::uintmax_t bytes) {
  promised_[run] = {bytes, 0};
}

// Its sandbox is gone, and what that held is free again.
void ScratchPromises::release(const std::string& run) {
  const auto found = promised_.find(run);
  if (found == promised_.end()) return;
  free_ += found->second.used;
  promised_.erase(found);
}

std::vector<std::string> ScratchPromises::runs() const {
  std::vector<std::string> names;
  for (const auto& [run, promise] : promised_) names.push_back(run);
  return names;
}

std::uintmax_t ScratchPromises::total() const {
  return std::accumulate(
      promised_.begin(), promised_.end(), std::uintmax_t{0},
      [](std::uintmax_t sum, const auto& each) { return sum + each.second.bytes; });
}

}  // namespace backproof
