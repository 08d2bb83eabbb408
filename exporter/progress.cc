// SPDX-License-Identifier: Apache-2.0
#include "exporter/progress.h"

#include <algorithm>

namespace backproof {
namespace {

double weight_of(const TargetState& state, Stage stage) {
  const auto& run = state.history.last_restored;
  if (!run) return 1;
  const auto found = std::ranges::find(run->stages, stage, &StageResult::stage);
  return found == run->stages.end() ? 0 : seconds_of(found->took);
}

double share_of(const Progress& progress) {
  if (progress.total == 0) return 0;
  return std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
}

}  // namespace

double run_progress(const TargetState& state) {
  if (!state.running) return 0;
  const Progress& progress = state.running->progress;
  double done = 0, all = 0;
  for (const Stage stage : all_stages) {
    const double weight = weight_of(state, stage);
    all += weight;
    if (stage < progress.stage) done += weight;
    if (stage == progress.stage) done += weight * share_of(progress);
  }
  return all > 0 ? done / all : 0;
}

}  // namespace backproof
