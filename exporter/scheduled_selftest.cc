// SPDX-License-Identifier: Apache-2.0
#include "exporter/scheduled_selftest.h"

#include "base/log.h"
#include "base/text.h"
#include "runner/selftest.h"

namespace backproof {
namespace {

void log_end(const Selftest& test) {
  const log::Fields fields{
      {"target", test.target},
      {"result", std::string(name_of(test.result))},
      {"reason", test.reason},
      {"caught", std::to_string(count_of(test, TrialResult::caught))},
      {"needs_manifest", std::to_string(count_of(test, TrialResult::needs_manifest))},
      {"missed", std::to_string(count_of(test, TrialResult::missed))},
      {"took", text::format_duration(test.took)}};
  if (test.result == Verdict::passed)
    log::info("self-test passed", fields);
  else
    log::warn("self-test did not pass", fields);
}

}  // namespace

void run_scheduled_selftest(const Target& target, const std::stop_token& stop, const Config& config,
                            HistoryStore& history, const Clock& clock) {
  SelftestOrder order;
  order.target = target;
  order.trigger = "schedule";
  order.seed = static_cast<std::uint64_t>(clock.now().time_since_epoch().count());
  log::info("self-test starts", {{"target", target.name}});
  const Selftest test = run_selftest(
      order, history, selftest_tools("/proc/self/exe", config.scratch_dir, clock), clock, stop);
  log_end(test);
  if (const auto recorded = history.record(test); !recorded)
    log::error("a self-test could not be recorded",
               {{"target", target.name}, {"error", recorded.error().str()}});
}

}  // namespace backproof
