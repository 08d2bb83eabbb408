// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "model/run.h"

namespace backproof {

// How far a run is: sent often, kept nowhere.
struct Progress {
  Stage stage = Stage::select;
  std::uintmax_t done = 0, total = 0;  // bytes (fetch, restore) or steps (check); total 0 = unknown
};

// What a run tells while it runs. Called from several threads of one run, one at a time.
struct RunEvents {
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::function<void(const Run&)> stage_changed = [](const Run&) {
  };  // begun or ended: the run so far
};

// What everything inside one run is given: time and how to say how far it is. Thread-safe.
struct RunContext {
  const Clock& clock;
  std::function<void(std::uintmax_t done, std::uintmax_t total)> progress;
};

}  // namespace backproof
