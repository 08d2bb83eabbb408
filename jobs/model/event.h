// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/file.h"
#include "model/run.h"

namespace backproof {

// How far a run is: sent often, kept nowhere.
struct Progress {
  Stage stage = Stage::select;
  std::uintmax_t done = 0, total = 0;  // bytes (fetch, restore) or steps (check); total 0 = unknown
};

// Where a job may have its worker wait (Job::pauses).
enum class Pause { before_restore, after_restore, after_check };
inline constexpr std::array all_pauses{Pause::before_restore, Pause::after_restore,
                                       Pause::after_check};
std::string_view name_of(Pause pause);

// Where a restored database is to be found while its worker waits: SQLite's in
// SANDBOX/restored.sqlite, PostgreSQL's on the socket in SANDBOX/cluster.
struct Paused {
  Pause at{};
  Path sandbox;
  // As the worker says, which the backup may have taken over; empty: SQLite.
  std::string database;
};

// What a run tells while it runs. Called from several threads of one run, one at a time.
struct RunEvents {
  // The worker waits, as its job says: somebody else's turn. False ends it.
  std::function<bool(const Paused&)> paused = [](const Paused&) { return true; };
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
