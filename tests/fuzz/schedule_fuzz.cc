// SPDX-License-Identifier: Apache-2.0
// A cron expression, and behind a line end its zone. What is understood must go forward in time
// and give the same next run wherever in a gap it is asked for.
#include <cstdlib>

#include "base/file.h"
#include "model/schedule.h"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace backproof;
  const std::string_view text = as_text({data, size});
  const std::size_t end = text.find('\n');
  const std::string_view zone = end == std::string_view::npos ? "UTC" : text.substr(end + 1);
  const auto schedule = Schedule::parse(text.substr(0, end), zone);
  if (!schedule) {
    if (schedule.error().text.empty()) std::abort();
    return 0;
  }
  for (const int year : {1970, 2011, 2026, 2036})
    walk(*schedule, std::chrono::sys_days(std::chrono::year(year) / 3 / 1));
  const Duration interval = schedule->interval({});
  if (interval < Duration{}) std::abort();
  const bool comes = schedule->next_after({}) != TimePoint{};
  if (comes != (interval > Duration{})) std::abort();
  return 0;
}
