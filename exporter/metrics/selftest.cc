// SPDX-License-Identifier: Apache-2.0
// Whether the verifier of a target can say no.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

constexpr std::array families{
    Family{{"backproof_selftest_success", Type::gauge,
            "1 = every damage of the last self-test got the right verdict, 0 = one did not, the "
            "undamaged copy failed, or there was none; read it only where "
            "backproof_selftest_last_timestamp_seconds > 0.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& last = state.history.last_selftest;
             samples.add(last && last->result == Verdict::passed);
           }},
    Family{{"backproof_selftest_last_timestamp_seconds", Type::gauge,
            "When the last self-test that gave an answer ended. 0 = there was none.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& last = state.history.last_selftest;
             samples.add(last ? backproof::end_of(*last) : TimePoint{});
           }},
    Family{{"backproof_selftest_damages", Type::gauge,
            "Damages of the last self-test by what came of them: caught; needs_manifest = passed, "
            "and only a manifest could tell; missed = the wrong verdict; not_applicable to such a "
            "backup; undecided = could not be tried.",
            "result", "all 0"},
           [](const TargetState& state, Samples& samples) {
             const auto& last = state.history.last_selftest;
             for (const TrialResult result : all_trial_results)
               samples.add(last ? count_of(*last, result) : 0U, {{"result", name_of(result)}});
           }},
    Family{
        {"backproof_selftest_interval_seconds", Type::gauge,
         "Longest gap between two self-tests that their schedule brings regularly. 0 = disabled "
         "or not scheduled.",
         "", "0"},
        [](const TargetState& state, Samples& samples) { samples.add(state.selftest_interval); }},
};

}  // namespace

std::span<const Family> selftest_families() {
  return families;
}

}  // namespace backproof::metrics
