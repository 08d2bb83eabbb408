// SPDX-License-Identifier: Apache-2.0
// How the runs of a target ended.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

bool last_ended(const TargetState& state, Verdict verdict) {
  return state.history.last_run && state.history.last_run->verdict == verdict;
}

constexpr std::array families{
    Family{
        {"backproof_runs_total", Type::counter, "Finished runs, whatever their result.", "", "0"},
        [](const TargetState& state, Samples& samples) { samples.add(state.history.totals.runs); }},
    Family{
        {"backproof_run_failures_total", Type::counter,
         "Finished runs that did not pass, by cause; every cause is always there.", "cause", "0"},
        [](const TargetState& state, Samples& samples) {
          const auto& failures = state.history.totals.failures;
          for (const Cause cause : all_causes) {
            const auto found = failures.find(cause);
            samples.add(found == failures.end() ? 0U : found->second, {{"cause", name_of(cause)}});
          }
        }},
    Family{{"backproof_last_run_timestamp_seconds", Type::gauge,
            "When the last run ended. 0 = never ran.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(end_of(state.history.last_run));
           }},
    Family{{"backproof_last_success_timestamp_seconds", Type::gauge,
            "When the last run that passed ended. 0 = never passed.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(end_of(state.history.last_passed));
           }},
    Family{{"backproof_last_run_success", Type::gauge,
            "1 = the last run passed, 0 = it did not or there was none; read it only where "
            "backproof_last_run_timestamp_seconds > 0.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(last_ended(state, Verdict::passed));
           }},
    Family{{"backproof_last_run_result", Type::gauge,
            "1 for the result of the last run: failed = the backup is bad, inconclusive = the test "
            "could not be done.",
            "result", "all 0"},
           [](const TargetState& state, Samples& samples) {
             for (const Verdict verdict : {Verdict::passed, Verdict::failed, Verdict::inconclusive})
               samples.add(last_ended(state, verdict), {{"result", name_of(verdict)}});
           }},
    Family{{"backproof_consecutive_failures", Type::gauge,
            "Finished runs since the last one that passed.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.history.consecutive_failures);
           }},
    Family{{"backproof_failed_since_success", Type::gauge,
            "1 = a run since the last one that passed found the backup bad, whatever came after "
            "it: only a pass proves that it is good again.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.history.failed_since_pass);
           }},
    Family{{"backproof_last_run_duration_seconds", Type::gauge,
            "Wall time of the last run. 0 = never ran.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.history.last_run ? state.history.last_run->took : Duration{});
           }},
};

}  // namespace

std::span<const Family> verdict_families() {
  return families;
}

}  // namespace backproof::metrics
