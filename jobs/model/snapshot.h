// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/boxed.h"
#include "model/drill.h"
#include "model/event.h"
#include "model/run.h"
#include "model/selftest.h"
#include "model/target.h"
#include "model/target_states.h"

namespace backproof {

// Counters of one target since it was first seen; they only ever grow.
struct Totals {
  std::uint64_t runs = 0, retries = 0;                  // of the runs: second and further attempts
  std::map<Cause, std::uint64_t> failures;              // runs that did not pass
  std::map<Stage, Duration> phases;                     // time spent
  std::map<std::string, std::uint64_t> checks;          // by kind: answers given
  std::map<std::string, std::uint64_t> check_failures;  // by kind: answers other than passed
  std::map<std::string, std::uint64_t> misfires;        // downtime, overlap, queue_full
  std::uintmax_t restored_bytes = 0;
  std::uint64_t drills = 0;
  std::map<DrillCause, std::uint64_t> drill_failures;  // drills that did not pass
};

// What the history knows of one backup of a target: the one of this id, size and time of
// modification. Another file under the same name is another backup.
struct BackupRecord {
  std::string id;
  std::uintmax_t bytes = 0;
  TimePoint modified;
  TimePoint created;               // as the last run knew it
  TimePoint tried;                 // when the last run of it ended
  TimePoint verified;              // when the last run that judged it ended; 1970 = never
  std::optional<Verdict> verdict;  // of that run: passed or failed
  std::string run_id;              // of that run
  TimePoint passed;                // when the last run that passed ended; 1970 = never
};

// What the history knows of one target.
struct TargetHistory {
  TimePoint created;                       // first seen in a configuration
  std::uint64_t consecutive_failures = 0;  // finished runs since the last pass
  bool failed_since_pass = false;          // a finished run after the last pass failed
  Boxed<Run> last_run;                     // finished; without log
  Boxed<Run> last_passed;
  Boxed<Run> last_restored;           // whose restore of the then newest backup completed
  std::vector<BackupRecord> backups;  // by id
  Totals totals;
  Boxed<Selftest> last_selftest;    // the last that gave an answer
  Boxed<Selftest> selftest_undone;  // the last of all, where it gave none
  Boxed<Drill> last_drill;          // the last that gave an answer: passed or failed
  Boxed<Drill> last_drill_ended;    // the last of all, whatever it gave
  TimePoint drill_since;            // when drills were first scheduled; 1970 = they are not
};

// What the source held when it was last listed.
struct Inventory {
  TimePoint listed;  // last successful listing; 1970 = never
  std::uint64_t backups = 0;
  std::optional<Backup> newest;
  std::string error;  // of the last listing; empty = it worked
};

// A backup that the source holds, and what is known of it.
struct RetainedBackup {
  Backup backup;
  std::optional<BackupRecord> record;  // nothing: no run of it ended yet
};

// How much of what the source holds was verified.
struct Coverage {
  std::uint64_t unverified = 0;        // retained backups that no run has judged
  std::uint64_t passed = 0;            // that passed at least once
  std::uint64_t failed = 0;            // whose last verdict is that they are bad
  std::uint64_t overdue = 0;           // that the target's policy should have verified by now
  TimePoint newest_passed;             // when the newest of those that passed was made; 1970 = none
  std::vector<RetainedBackup> newest;  // the newest 50
};

struct RunningJob {
  std::string run_id;
  TimePoint started;
  Progress progress;
};

// What goes on of a target's self-tests, or of its drills, by schedule.
struct SideWork {
  TimePoint begun;  // of the last one; 1970 = none since the program started
  bool running = false;
};

struct TargetState {
  Boxed<Target> target = Target{};  // never empty
  TargetHistory history;
  Inventory inventory;
  std::shared_ptr<const Coverage> coverage = std::make_shared<Coverage>();  // never null
  std::optional<RunningJob> running;
  bool queued = false;
  TimePoint next_due;            // 1970 = not scheduled
  Duration interval{};           // longest regular gap of the schedule; 0 = none
  Duration selftest_interval{};  // the same of the self-test's schedule
  SideWork selftest_work;
  Duration drill_interval{};  // the same of the drill's schedule
  TimePoint drill_next;       // 1970 = not scheduled
  SideWork drill_work;
};

struct ConfigState {
  std::string file;
  bool last_reload_ok = true;
  TimePoint last_reload_success;
};

struct BuildInfo {
  std::string version, revision, compiler, branch{};
};

// Everything that is served: one immutable value, made anew whenever something changed.
struct Snapshot {
  TimePoint made;
  TargetStates targets;  // in the order of the configuration
  std::uint64_t queued = 0;
  std::uint64_t workers = 0, workers_busy = 0;
  std::uint64_t sandboxes = 0;          // folders that are there now, whoever made them
  std::uint64_t sandbox_leftovers = 0;  // those of ended runs that the last sweep left
  std::uintmax_t scratch_available = 0, scratch_size = 0;
  std::uintmax_t scratch_promised = 0;    // to runs that go on, used or not; 0 with one worker
  std::uint64_t waiting_for_scratch = 0;  // of `queued`: what only waits for room
  TimePoint scheduler_last_tick;
  bool history_up = true;
  std::uint64_t history_errors = 0;
  ConfigState config;
  BuildInfo build;
};

// The target of this name; null when none is configured. Lives as long as the snapshot.
const TargetState* find_target(const Snapshot& snapshot, std::string_view name);

}  // namespace backproof
