// SPDX-License-Identifier: Apache-2.0
// What the configuration says of a target. Limits are metrics, so that one alert rule serves every
// target with its own.
#include <array>

#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

constexpr std::array families{
    Family{{"backproof_target_info", Type::info,
            "A configured target: the engine that restores its backups and how they are found.",
            "engine,method", "1"},
           [](const TargetState& state, Samples& samples) {
             samples.add(true, {{"engine", state.target->engine.kind},
                                {"method", state.target->source.kind}});
           }},
    Family{{"backproof_target_enabled", Type::gauge,
            "1 = runs by its schedule, 0 = disabled in the configuration.", "", "1 or 0"},
           [](const TargetState& state, Samples& samples) { samples.add(state.target->enabled); }},
    Family{{"backproof_target_created_timestamp_seconds", Type::gauge,
            "When the target was first seen in the configuration: where the age of a target that "
            "never passed is counted from.",
            "", "always set"},
           [](const TargetState& state, Samples& samples) { samples.add(state.history.created); }},
    Family{{"backproof_verification_max_age_seconds", Type::gauge,
            "Objective: how old the last pass may be. 0 = no limit, as of every disabled target.",
            "", "0 = no limit"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.target->enabled ? state.target->max_age : Duration{});
           }},
    Family{
        {"backproof_rpo_objective_seconds", Type::gauge,
         "Objective: how old the newest backup may be (recovery point). 0 = none.", "", "0 = none"},
        [](const TargetState& state, Samples& samples) { samples.add(state.target->rpo); }},
    Family{{"backproof_rto_objective_seconds", Type::gauge,
            "Objective: how long a restore may take (recovery time). 0 = none.", "", "0 = none"},
           [](const TargetState& state, Samples& samples) { samples.add(state.target->rto); }},
    Family{{"backproof_run_timeout_seconds", Type::gauge,
            "How long a run may take before it is stopped.", "", "always set"},
           [](const TargetState& state, Samples& samples) {
             samples.add(state.target->limits.timeout);
           }},
};

}  // namespace

std::span<const Family> target_families() {
  return families;
}

}  // namespace backproof::metrics
