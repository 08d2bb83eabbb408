// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/time_zone.h"

namespace backproof {

// Windows of a week in which nothing is to start, as a zone's wall shows them: "22:00-02:00" on
// every day, "mon-fri 08:00-18:00", "sat,sun 00:00-24:00". The minute of a window's end is free. A
// window that goes past midnight belongs to the day on which it begins. Immutable value;
// thread-safe.
class Blackout {
 public:
  Blackout() = default;  // no windows

  // Windows that leave no minute of the week are an error.
  static Result<Blackout> parse(const std::vector<std::string>& windows, std::string_view zone);

  const std::vector<std::string>& windows() const { return windows_; }
  // The first instant from `t` on at which the wall shows a time outside of all windows.
  TimePoint free_from(TimePoint t) const;
  // Since when the wall has shown nothing but times within them; nothing when `t` is free.
  std::optional<TimePoint> blocked_since(TimePoint t) const;
  // How long they last at a stretch, at most; DST changes do not count.
  Duration longest() const;

 private:
  // Minutes of the week since Sunday 00:00, [first, second).
  using Range = std::pair<int, int>;
  Range range_at(WallTime wall) const;

  std::vector<std::string> windows_;
  TimeZone zone_;
  std::vector<Range> ranges_;  // in order, with free minutes between them; across Sunday 00:00: two
};

}  // namespace backproof
