// SPDX-License-Identifier: Apache-2.0
// A cron expression, and behind line ends its zone and windows of blackout. What is understood must
// go forward in time and give the same next run wherever in a gap it is asked for.
#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "model/start.h"

namespace {

using backproof::Duration;
using backproof::TimePoint;

void walk(const backproof::Schedule& schedule, TimePoint t) {
  for (int i = 0; i < 20; ++i) {
    const TimePoint next = schedule.next_after(t);
    if (next == TimePoint{}) return;
    if (next <= t) std::abort();
    if (schedule.next_after(t + (next - t) / 2) != next) std::abort();
    if (schedule.next_after(next - Duration(1)) != next) std::abort();
    t = next;
  }
}

// The same of starts, none of which is in a window.
void walk_starts(const backproof::Target& target, TimePoint t) {
  for (int i = 0; i < 20; ++i) {
    const TimePoint next = next_start(target, *target.schedule, t).at;
    if (next == TimePoint{}) return;
    if (next <= t || target.blackout.blocked_since(next)) std::abort();
    if (target.blackout.free_from(next) != next) std::abort();
    const TimePoint between = t + (next - t) / 2;
    if (next_start(target, *target.schedule, between).at != next) std::abort();
    const auto since = target.blackout.blocked_since(between);
    if (since.has_value() != (target.blackout.free_from(between) > between)) std::abort();
    if (since && *since > between) std::abort();
    t = next;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backproof;
  const std::string_view given = as_text({data, size});
  const auto lines = text::split(given, '\n');
  const std::string_view zone = lines.size() < 2 ? "UTC" : lines[1];
  const auto schedule = Schedule::parse(lines[0], zone);
  if (!schedule) {
    if (schedule.error().text.empty()) std::abort();
    return 0;
  }
  for (const int year : {1970, 2011, 2026, 2036})
    walk(*schedule, std::chrono::sys_days(std::chrono::year(year) / 3 / 1));
  Target target;
  target.schedule = *schedule;
  target.jitter = std::chrono::minutes(size);
  const std::vector<std::string> windows(
      lines.begin() + std::min<std::ptrdiff_t>(2, std::ssize(lines)), lines.end());
  if (auto blackout = Blackout::parse(windows, zone)) {
    target.blackout = *std::move(blackout);
    for (const int year : {2011, 2026})
      walk_starts(target, std::chrono::sys_days(std::chrono::year(year) / 3 / 1));
  }
  const Duration interval = schedule->interval({});
  if (schedule->shortest_interval({}) > interval) std::abort();
  if (interval < Duration{}) std::abort();
  const bool comes = schedule->next_after({}) != TimePoint{};
  if (comes != (interval > Duration{})) std::abort();
  return 0;
}
