// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "drill/backup_stage.h"

namespace backproof::drill {

// A verification of that backup with the target's own checks.
Job job_of(const Order& order, const TakenBackup& taken);

struct Loss {
  TimePoint at;                    // when it was killed
  std::optional<Stopwatch> since;  // that moment
  std::string note;                // "killed, 12 MiB wiped"
  std::optional<DrillError> error;
};
// Restores the stand-in into a sandbox, kills everything that serves it with SIGKILL and removes
// its files; looks that nothing of it is left.
Loss lose_stand_in(const Order& order, const TakenBackup& stand_in, const Tools& tools,
                   const Clock& clock, const std::stop_token& stop);

// What a recovery works with.
struct RecoveryContext {
  const Order& order;
  const TakenBackup& taken;
  const Run& verified;  // what it is was learned there
  const Tools& tools;
  const Clock& clock;
  const std::stop_token& stop;
};
struct RecoveryHooks {
  std::function<void()> proving;  // it was restored, and is asked now
  std::function<void()> proven;   // the last question was answered
  std::function<void(const Progress&)> progress;
};
struct Recovery {
  bool in_restore = false;  // it came no further
  std::optional<DrillError> error;
  std::optional<Run> proof;  // unless in_restore
  std::string note;
};
// What of the verified backup is not in what was restored: "table orders: 500 rows in the backup, 0
// restored"; empty: nothing. By rows, and by digests where both runs have them.
std::string missing_of(const Run& verified, const Run& proof);

// Restores the backup into an empty sandbox, by backproof or by the team's command, asks what `job`
// asks, and has the smoke command ask.
Recovery recover_backup(const RecoveryContext& context, Job job, const RecoveryHooks& hooks);

}  // namespace backproof::drill
