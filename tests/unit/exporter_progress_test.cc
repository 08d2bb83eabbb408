// SPDX-License-Identifier: Apache-2.0
#include "exporter/progress.h"

#include "support/catch.h"

using namespace backproof;
using namespace std::chrono_literals;

TEST_CASE("a run's progress weighs its stages by what they took the last time") {
  TargetState state;
  CHECK(run_progress(state) == 0);
  state.running.emplace();
  CHECK(run_progress(state) == 0);
  state.running->progress = {Stage::restore, 50, 100};
  CHECK(run_progress(state) == Approx(4.5 / 7));
  state.history.last_restored.emplace().stages = {
      {Stage::fetch, 1s, {}}, {Stage::restore, 8s, {}}, {Stage::check, 1s, {}}};
  CHECK(run_progress(state) == Approx(0.5));
  state.running->progress = {Stage::restore, 200, 100};  // a total was an estimate
  CHECK(run_progress(state) == Approx(0.9));
  state.running->progress = {Stage::check, 7, 0};
  CHECK(run_progress(state) == Approx(0.9));
  state.running->progress = {Stage::teardown, 0, 0};
  CHECK(run_progress(state) == Approx(1));
}
