// SPDX-License-Identifier: Apache-2.0
// When a target runs, and whether it does so in time.
#include <algorithm>
#include <array>

#include "exporter/metrics/family.h"
#include "exporter/progress.h"
#include "model/start.h"

namespace backproof::metrics {
namespace {

// Jitter and blackouts are no delay: they were asked for. Nor is that a first attempt was none.
Duration last_delay(const TargetState& state) {
  const auto& run = state.history.last_run;
  if (!run || run->scheduled == TimePoint{} || run->attempt > 1) return {};
  return std::max(Duration{}, run->started - start_of(*state.target, run->scheduled));
}

constexpr std::array families{
    Family{
        {"backproof_run_in_progress", Type::gauge, "1 = a run of this target is going on.", "",
         "0"},
        [](const TargetState& state, Samples& samples) { samples.add(state.running.has_value()); }},
    Family{{"backproof_run_start_timestamp_seconds", Type::gauge,
            "When the run that is going on started. 0 = none is.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.running ? state.running->started : TimePoint{});
           }},
    Family{{"backproof_run_phase", Type::gauge,
            "1 for the phase that the run that is going on is in.", "phase", "all 0"},
           [](const TargetState& state, Samples& samples) {
             for (const Stage stage : all_stages)
               samples.add(state.running && state.running->progress.stage == stage,
                           {{"phase", name_of(stage)}});
           }},
    Family{{"backproof_run_progress_ratio", Type::gauge,
            "How much of the run that is going on is done, 0 to 1: its phases weigh what they took "
            "in the last restore. 0 = none is going on.",
            "", "0"},
           [](const TargetState& state, Samples& samples) { samples.add(run_progress(state)); }},
    Family{{"backproof_next_run_timestamp_seconds", Type::gauge,
            "When the next run is to start, by schedule, jitter and blackouts. 0 = disabled or not "
            "scheduled.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.target->enabled ? state.next_due : TimePoint{});
           }},
    Family{{"backproof_schedule_interval_seconds", Type::gauge,
            "Longest gap between two runs that schedule and blackouts bring regularly. 0 = "
            "disabled or not "
            "scheduled.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.target->enabled ? state.interval : Duration{});
           }},
    Family{
        {"backproof_last_run_schedule_delay_seconds", Type::gauge,
         "How long after it was to start the last run did. 0 = it was in time, not scheduled, or "
         "never ran.",
         "", "0"},
        [](const TargetState& state, Samples& samples) { samples.add(last_delay(state)); }},
    Family{{"backproof_retries_total", Type::counter,
            "Finished runs that were further attempts, because the one before could not tell "
            "(fetch, space, interrupted, crashed).",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.history.totals.retries);
           }},
    Family{{"backproof_last_run_attempt", Type::gauge,
            "Which attempt the last finished run was. 0 = never ran.", "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_run;
             samples.add(run ? static_cast<std::uint64_t>(std::max(run->attempt, 1)) : 0U);
           }},
    Family{
        {"backproof_schedule_misfires_total", Type::counter,
         "Runs that were due and did not start then: the program was not running (downtime), the "
         "target's last run still was (overlap), or still waited for a worker (queue_full). One "
         "late run makes up for them.",
         "reason", "0"},
        [](const TargetState& state, Samples& samples) {
          const auto& misfires = state.history.totals.misfires;
          for (const char* reason : {"downtime", "overlap", "queue_full"}) {
            const auto found = misfires.find(reason);
            samples.add(found == misfires.end() ? 0U : found->second, {{"reason", reason}});
          }
        }},
};

}  // namespace

std::span<const Family> schedule_families() {
  return families;
}

}  // namespace backproof::metrics
