// SPDX-License-Identifier: Apache-2.0
// What the recovery drills of a target gave, and when the next is due. Only of targets that have
// drills configured: of others there would be thirty series of zeros each. The objectives are those
// of the target, backproof_rto_objective_seconds and backproof_rpo_objective_seconds.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

// Nothing where there was none yet, or drills are not configured.
const Drill* last_of(const TargetState& state) {
  const auto& last = state.history.last_drill;
  return last ? &*last : nullptr;
}

Duration time_in(const Drill* drill, DrillStage stage) {
  Duration sum{};
  if (drill != nullptr)
    for (const DrillStageResult& result : drill->stages)
      if (result.stage == stage) sum += result.took;
  return sum;
}

void add_last_failure(const TargetState& state, Samples& samples) {
  const auto& ended = state.history.last_drill_ended;
  for (const DrillCause cause : all_drill_causes)
    samples.add(ended && ended->cause == cause, {{"cause", name_of(cause)}});
}

void add_failures(const TargetState& state, Samples& samples) {
  const auto& failures = state.history.totals.drill_failures;
  for (const DrillCause cause : all_drill_causes) {
    const auto found = failures.find(cause);
    samples.add(found == failures.end() ? 0U : found->second, {{"cause", name_of(cause)}});
  }
}

// A family of the targets with drills alone.
template <void (*fill)(const TargetState&, Samples&)>
constexpr void where_configured(const TargetState& state, Samples& samples) {
  if (state.target->drill) fill(state, samples);
}

constexpr std::array families{
    Family{{"backproof_drills_total", Type::counter,
            "Finished recovery drills, whatever their result.", "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             samples.add(state.history.totals.drills);
           }>},
    Family{
        {"backproof_drill_failures_total", Type::counter,
         "Finished drills that did not pass, by cause; every cause is always there.", "cause", "0"},
        where_configured<add_failures>},
    Family{{"backproof_drill_last_timestamp_seconds", Type::gauge,
            "When the last drill that passed or failed ended. 0 = there was none.", "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             const Drill* last = last_of(state);
             samples.add(last != nullptr ? backproof::end_of(*last) : TimePoint{});
           }>},
    Family{{"backproof_drill_success", Type::gauge,
            "1 = the last drill that gave an answer passed, 0 = it failed or there was none; read "
            "it only where backproof_drill_last_timestamp_seconds > 0.",
            "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             const Drill* last = last_of(state);
             samples.add(last != nullptr && last->result == Verdict::passed);
           }>},
    Family{{"backproof_drill_last_failure", Type::gauge,
            "1 for the cause for which the last drill did not pass, also one that could not be "
            "done.",
            "cause", "all 0"},
           where_configured<add_last_failure>},
    Family{{"backproof_drill_recovery_seconds", Type::gauge,
            "Measured RTO: from the loss until the restored data was proven, in the last drill "
            "that gave an answer. 0 = it was not proven, or there was none.",
            "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             const Drill* last = last_of(state);
             samples.add(last != nullptr ? last->recovery : Duration{});
           }>},
    Family{{"backproof_drill_data_loss_seconds", Type::gauge,
            "Measured RPO: from the newest recovered data to the loss, in the last drill that gave "
            "an answer. 0 = not known, or there was none.",
            "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             const Drill* last = last_of(state);
             samples.add(last != nullptr ? data_loss_of(*last).value_or(Duration{}) : Duration{});
           }>},
    Family{{"backproof_drill_phase_duration_seconds", Type::gauge,
            "Wall time of each stage of the last drill that gave an answer. 0 = not reached or "
            "there was none.",
            "phase", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             for (const DrillStage stage : all_drill_stages)
               samples.add(time_in(last_of(state), stage), {{"phase", name_of(stage)}});
           }>},
    Family{{"backproof_drill_next_timestamp_seconds", Type::gauge,
            "When the next drill is due. 0 = disabled or not scheduled.", "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             samples.add(state.drill_next);
           }>},
    Family{{"backproof_drill_interval_seconds", Type::gauge,
            "Longest gap between two drills that their schedule brings regularly. 0 = disabled or "
            "not scheduled.",
            "", "0"},
           where_configured<[](const TargetState& state, Samples& samples) {
             samples.add(state.drill_interval);
           }>},
    Family{
        {"backproof_drill_scheduled_timestamp_seconds", Type::gauge,
         "Since when drills of the target are scheduled. 0 = disabled or not scheduled.", "", "0"},
        where_configured<[](const TargetState& state, Samples& samples) {
          samples.add(state.history.drill_since);
        }>},
};

}  // namespace

std::span<const Family> drill_families() {
  return families;
}

}  // namespace backproof::metrics
