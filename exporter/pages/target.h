// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "exporter/pages/layout.h"

namespace backproof::pages {

// How many runs a target's page shows.
inline constexpr std::uint64_t shown_runs = 60;

// And how many drills.
inline constexpr std::uint64_t shown_drills = 12;

// "/targets/NAME": one target's standing, its objectives, runs and trends. `runs` and `drills` are
// its last ones, last first, or why they cannot be read. Pure.
Response target(const View& view, const TargetState& state, const Result<std::vector<Run>>& runs,
                const Result<std::vector<Drill>>& drills = std::vector<Drill>());

// Which retained backups were verified when, with which verdict (target_backups.cc).
std::string backups_section(const TargetState& state, TimePoint now);

// Whether its verification was seen to fail where it must (target_selftest.cc).
std::string selftest_section(const View& view, const TargetState& state);

// What its recovery drills gave, and when the next is due (target_drill.cc).
std::string drill_section(const View& view, const TargetState& state,
                          const Result<std::vector<Drill>>& drills);

// The parts that are made of runs alone (target_runs.cc). `running` is the id of the one that goes
// on.
std::string timeline(const std::vector<Run>& runs, const std::string& running);
std::string trends(const std::vector<Run>& runs, const Target& target);
std::string runs_table(const std::vector<Run>& runs, const std::string& running);

}  // namespace backproof::pages
