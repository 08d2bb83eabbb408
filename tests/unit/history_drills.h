// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "history_runs.h"

// Drills as tests need them.
namespace backproof::test {

// That has only begun.
inline Drill drill_at(TimePoint started, std::string target = "crm") {
  Drill drill;
  drill.id = new_run_id(started);
  drill.target = std::move(target);
  drill.started = started;
  drill.rto_objective = std::chrono::hours(1);
  drill.rpo_objective = std::chrono::hours(24);
  return drill;
}

// 90 seconds from the loss to the proof, an hour of data lost.
inline Drill drill_passed_at(TimePoint started, std::string target = "crm") {
  using std::chrono::seconds;
  Drill drill = drill_at(started, target);
  drill.stages = {{DrillStage::backup, seconds(20), "made crm.db.gz", {}},
                  {DrillStage::verify, seconds(40), "passed", {}},
                  {DrillStage::lose, seconds(1), "wiped", {}},
                  {DrillStage::restore, seconds(60), "restored", {}},
                  {DrillStage::prove, seconds(30), "proven", {}}};
  drill.backup = "/backups/crm.db.gz";
  drill.backup_created = started + seconds(20);
  drill.stand_in = "crm.db of yesterday, restored";
  drill.lost = started + seconds(60);
  drill.recovery = seconds(90);
  drill.newest = drill.lost - std::chrono::hours(1);
  drill.newest_by = "table orders";
  drill.proof = passed_at(started + seconds(120), std::move(target));
  drill.took = seconds(151);
  drill.finished = true;
  conclude(drill);
  return drill;
}

// That ended in its backup stage.
inline Drill drill_ended_at(TimePoint started, DrillCause cause, std::string target = "crm") {
  Drill drill = drill_at(started, std::move(target));
  drill.stages = {{DrillStage::backup, std::chrono::seconds(5), "",
                   DrillError{cause, "the command ended with code 1", "run it by hand"}}};
  drill.took = std::chrono::seconds(5);
  drill.finished = true;
  conclude(drill);
  return drill;
}

}  // namespace backproof::test
