// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/target.h"

namespace backproof {

// The run of a job at its beginning: which one it is, and nothing found yet.
inline Run begun_run(const Job& job, TimePoint started) {
  Run run;
  run.id = job.run_id;
  run.target = job.target.name;
  run.trigger = job.trigger;
  run.attempt = job.attempt;
  run.scheduled = job.scheduled;
  run.started = started;
  run.backup = job.chosen;
  return run;
}

}  // namespace backproof
