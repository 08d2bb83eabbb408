// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>

#include "model/drill.h"
#include "model/event.h"
#include "model/target.h"
#include "runner/survey.h"

// The whole of a recovery, safely: a backup is taken of the live database, a stand-in of production
// is lost, and the backup is restored and proven, by the clock.
//
// The live database is read by the backup, written to by the canary alone, and by nothing after
// that: what restores and asks is kept from it (sandbox/command.h). What is lost is a restored
// backup in a sandbox. Hostile bytes are met by jailed workers only, as in a verification.
namespace backproof::drill {

struct Order {
  Target target;  // with a drill
  std::string trigger = "manual";
  // Another copy of its backups, as of an off-site store: nothing is backed up and no canary is
  // written. Empty: a new backup is taken.
  Path copy;
  // This is the recovery host: what only it can lack was drilled.
  bool as_host = false;
  Path command_output;  // where the team's commands print to; empty: dropped
  // The drill so far, when a stage begins; what a worker tells meanwhile.
  std::function<void(const Drill&)> changed = [](const Drill&) {};
  std::function<void(const Progress&)> progress = [](const Progress&) {};
};

// What a drill is done with: the real workers and the history, or fakes in tests.
struct Tools {
  std::function<Run(Job, const std::stop_token&, const RunEvents&)> work;  // run_in_worker()
  // Verifies a backup of the target as any other, and records it.
  std::function<Run(Job, const std::stop_token&, const RunEvents&)> verify;
  std::function<Result<Survey>(const Target&)> survey;  // of its source, which it has
  // Whether an earlier run of the target was of these very bytes.
  std::function<bool(const Run&)> seen_before = [](const Run&) { return false; };
  Path scratch;
  Path program;  // this one, which guards the team's commands
};

// Refuses what may not be drilled: an Error that says why.
Result<void> may_be_drilled(const Order& order, const Path& scratch);

// Blocks, for the time of three restores and a backup. A stop leaves it inconclusive. `id` is that
// which its history knows it by.
Drill run_drill(const Order& order, const std::string& id, const Tools& tools, const Clock& clock,
                const std::stop_token& stop);

}  // namespace backproof::drill
