// SPDX-License-Identifier: Apache-2.0
// Where the time of a run goes. The label is `phase`, because `stage` often means the deployment
// stage in the labels that Prometheus adds to every series of a target.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

Duration time_in(const Boxed<Run>& run, Stage stage) {
  Duration sum{};
  if (run)
    for (const auto& result : run->stages)
      if (result.stage == stage) sum += result.took;
  return sum;
}

constexpr std::array families{
    Family{{"backproof_last_run_phase_duration_seconds", Type::gauge,
            "Wall time of each phase of the last run. 0 = not reached or never ran.", "phase", "0"},
           [](const TargetState& state, Samples& samples) {
             for (const Stage stage : all_stages)
               samples.add(time_in(state.history.last_run, stage), {{"phase", name_of(stage)}});
           }},
    Family{{"backproof_phase_seconds_total", Type::counter,
            "Wall time of each phase, summed over all finished runs.", "phase", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& phases = state.history.totals.phases;
             for (const Stage stage : all_stages) {
               const auto found = phases.find(stage);
               samples.add(found == phases.end() ? Duration{} : found->second,
                           {{"phase", name_of(stage)}});
             }
           }},
};

}  // namespace

std::span<const Family> phases_families() {
  return families;
}

}  // namespace backproof::metrics
