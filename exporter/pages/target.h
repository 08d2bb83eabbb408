// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "exporter/pages/layout.h"

namespace backproof::pages {

// How many runs a target's page shows.
inline constexpr std::uint64_t shown_runs = 60;

// "/targets/NAME": one target's standing, its objectives, runs and trends. `runs` are its last
// ones, last first, or why they cannot be read. Pure.
Response target(const View& view, const TargetState& state, const Result<std::vector<Run>>& runs);

// Which retained backups were verified when, with which verdict (target_backups.cc).
std::string backups_section(const TargetState& state, TimePoint now);

// Whether its verification was seen to fail where it must (target_selftest.cc).
std::string selftest_section(const View& view, const TargetState& state);

// The parts that are made of runs alone (target_runs.cc). `running` is the id of the one that goes
// on.
std::string timeline(const std::vector<Run>& runs, const std::string& running);
std::string trends(const std::vector<Run>& runs, const Target& target);
std::string runs_table(const std::vector<Run>& runs, const std::string& running);

}  // namespace backproof::pages
