// SPDX-License-Identifier: Apache-2.0
#include "sandbox/space_guard.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace backproof {
namespace {

constexpr Duration between_looks = std::chrono::milliseconds(200);
// Walking through thousands of files costs more than asking the file system, which says how much
// may have come since.
constexpr Duration between_walks = std::chrono::seconds(2);
constexpr int most_share = 20;  // of the time may be spent walking: one part in as many
constexpr std::uintmax_t most_reserve = 64U << 20U;

std::string bytes(std::uintmax_t n) {
  return text::format_count(n) + " bytes (" + text::format_size(n) + ")";
}

}  // namespace

SpaceGuard::SpaceGuard(Path folder, std::uintmax_t budget, std::string what)
    : folder_(std::move(folder)), budget_(budget), what_(std::move(what)) {
  // A file system that is nearly full from the start may still be used a little.
  if (const auto space = space_of(folder_)) reserve_ = std::min(most_reserve, space->available / 2);
}

int SpaceGuard::wait_ms() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - watch_.took()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, std::numeric_limits<int>::max()));
}

std::optional<Error> SpaceGuard::check() {
  const Duration begun = watch_.took();
  if (begun < next_) return std::nullopt;
  next_ = begun + between_looks;
  const auto space = space_of(folder_);
  const std::uintmax_t now_free = space ? space->available : 0;
  const std::uintmax_t since = free_then_ > now_free ? free_then_ - now_free : 0;
  const bool near = budget_ != 0 && used_ + since > budget_ - budget_ / 8;
  if (begun >= walk_ || near || !space) {
    used_ = bytes_below(folder_);
    free_then_ = now_free;
    const Duration took = watch_.took() - begun;
    walk_ = watch_.took() + std::max(between_walks, took * most_share);
    next_ = std::max(next_, begun + took * most_share);
  }
  const std::uintmax_t used = used_;
  if (budget_ != 0 && used > budget_)
    return Error{Cause::space,
                 what_ + " needs more than " + bytes(used) + " and " + bytes(budget_) +
                     " are available, the sandbox's budget",
                 "raise the target's scratch limit, or make room where sandboxes are kept"};
  if (space && space->available < reserve_)
    return Error{Cause::space,
                 what_ + " needs more than " + bytes(used) + " and only " +
                     bytes(space->available) + " are left on its file system",
                 "make room or put the sandboxes on a larger file system"};
  return std::nullopt;
}

}  // namespace backproof
