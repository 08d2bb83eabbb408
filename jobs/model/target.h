// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/boxed.h"
#include "base/clock.h"
#include "model/blackout.h"
#include "model/manifest.h"
#include "model/memory.h"
#include "model/options.h"
#include "model/run.h"
#include "model/schedule.h"
#include "model/selftest.h"

namespace backproof {

// Whose turn it is at the disks: ionice(1)'s classes. low: best-effort, the last priority.
enum class IoPriority { normal, low, idle };
inline constexpr std::array all_io_priorities{IoPriority::normal, IoPriority::low,
                                              IoPriority::idle};
std::string_view name_of(IoPriority priority);
std::optional<IoPriority> io_priority_named(std::string_view name);

// Limits of one verification, whatever its engine.
struct Limits {
  Duration timeout = std::chrono::hours(6);  // whole run, wall time
  std::uintmax_t scratch = 0;                // bytes a sandbox may hold; 0 = what is free
  std::uintmax_t max_ratio = 2000;           // decompressed per compressed byte
  Isolation require_isolation = Isolation::full;
  std::map<Stage, Duration> stage_timeouts{};  // wall time of single stages; none: `timeout` alone
  std::uintmax_t memory = 0;     // bytes of data of each of a run's processes; 0 = as they need
  Duration cpu{};                // processor time of each of a run's processes; 0 = no limit
  std::uintmax_t read_rate = 0;  // bytes of the backup read in a second; 0 = as fast as it goes
  int nice = 10;                 // nice(1) of a run's processes, 0 to 19
  IoPriority io = IoPriority::low;

  bool operator==(const Limits&) const = default;
};

// A kind by name with the options it was given: a source, an engine or a check.
struct Spec {
  std::string kind;
  Table options;

  bool operator==(const Spec&) const = default;
};

// What a backup is restored into, where it needs a server.
struct SandboxSpec {
  Path postgresql;           // folder of the server's programs; empty: the newest installed
  std::vector<Path> before;  // restored before the backup: globals, a schema
  std::string server;        // a server that the user names, as a URL without password; or empty
  Path password_file;        // the password for it, in one line; empty: none

  bool operator==(const SandboxSpec&) const = default;
};

// A live database, to be backed up: exactly one of the first two.
struct LiveDatabase {
  Path sqlite;
  std::string postgresql;  // URL without password
  Path password_file;      // the password for it, in one line; empty: none

  bool operator==(const LiveDatabase&) const = default;
};

// How `backproof backup` takes a backup of a target.
struct BackupSpec {
  LiveDatabase database;
  std::string output;  // with {time} for "20261126T031500Z"; empty: named by hand

  bool operator==(const BackupSpec&) const = default;
};

// The marker that a drill writes into the live database: one row before the backup, one after it.
struct CanarySpec {
  std::string table;                            // with columns for a text and a time; empty: none
  std::string key = "id", time = "written_at";  // names of these columns
  LiveDatabase database;  // with the only rights to write that a drill has; SQLite: backup.sqlite

  bool operator==(const CanarySpec&) const = default;
};

// How a target's recovery is drilled (runner/drill.h). Commands are for /bin/sh.
struct DrillSpec {
  std::optional<Schedule> schedule;  // nothing: only by hand
  std::string backup_command;        // takes the backup; empty: `backup` of the target does
  std::string restore_command;       // the team's own; empty: backproof restores
  std::string smoke_command;         // asks the restored database; empty: none
  Duration command_timeout = std::chrono::hours(1);
  bool guard = true;  // restore and smoke commands reach neither the network nor production
  CanarySpec canary;
};

// When a run that could not tell is tried again: where its cause can pass (is_retriable()).
struct RetrySpec {
  unsigned attempts = 3;                       // in all; 1 = none again
  Duration delay = std::chrono::minutes(1);    // before the second; doubled before each further
  Duration max_delay = std::chrono::hours(1);  // the most between two

  bool operator==(const RetrySpec&) const = default;
};

// A filter that makes a backup readable: for /bin/sh, the backup on stdin, what it is on stdout.
struct DecryptSpec {
  std::string command;
  std::map<std::string, std::string> environment;
  std::map<std::string, Path> secrets;  // of its environment: the first line of each file
  Duration timeout = std::chrono::hours(1);

  bool operator==(const DecryptSpec&) const = default;
};

// Which of its backups a target verifies at a due time (runner/policy.h).
enum class Policy { newest, every_new, random, coverage };
std::string_view name_of(Policy policy);
std::optional<Policy> policy_named(std::string_view name);

struct SelectSpec {
  Policy policy = Policy::newest;
  unsigned count = 1;  // of random
  // Of coverage: within what each retained backup is verified once. Of every_new: how long after it
  // appeared one may stay unverified. 0 = no limit.
  Duration within{};

  bool operator==(const SelectSpec&) const = default;
};

// One thing whose backups are verified: what the configuration says, checked. Plain value.
struct Target {
  std::string name;
  bool enabled = true;
  Spec source;  // kind empty: the backup is named by hand
  Spec engine{"auto", {}};
  SelectSpec select;
  bool on_arrival = false;           // each new backup is verified once it is complete
  Boxed<DecryptSpec> decrypt;        // nothing: backups can be read as they are
  std::vector<Spec> checks;          // in order; the default checks unless configured
  std::optional<Schedule> schedule;  // nothing: only by hand
  Duration jitter{};                 // of starts, spread by the target's name (model/start.h)
  Blackout blackout;                 // when nothing scheduled of it starts
  Duration max_age{};                // of the last pass; 0 = none
  Duration rpo{}, rto{};             // objectives; 0 = none
  Limits limits;
  RetrySpec retry;
  SandboxSpec sandbox;
  std::string manifest{manifest_pattern};  // where the manifest of a backup lies
  Boxed<BackupSpec> backup;                // nothing: other tools take its backups
  Boxed<DrillSpec> drill;                  // nothing: its recovery is not drilled
  std::optional<Schedule> selftest;  // when the verifier is tested on it; nothing: only by hand
};

// That a worker shall make a damaged copy of the job's backup, and verify nothing.
struct DamageOrder {
  std::optional<DamageKind> kind;  // nothing: the copy is as the backup
  std::uint64_t seed = 0;
  Path older;     // for stale_copy: the backup to copy instead; empty: there is none
  Path manifest;  // that lies beside the backup, to be copied too; empty: none does
};

// Where a worker waits until whoever started it has done something to the database of its sandbox.
struct Pauses {
  // An empty server instead of the backup: somebody else restores it there. PostgreSQL only.
  bool before_restore = false;
  bool after_restore = false, after_check = false;

  bool operator==(const Pauses&) const = default;
};

// What the worker is told to do: one verification, or one damaged copy. Sent as JSON on its stdin.
struct Job {
  std::string run_id, trigger = "manual";
  int attempt = 1;
  TimePoint scheduled;
  Target target;                   // schedule and objectives stay behind
  Path backup;                     // named by hand; empty: `chosen` from the target's source
  Backup chosen;                   // its id is empty where the backup is named by hand
  std::vector<std::string> notes;  // of the choice, for the run's log
  Path sandbox;                    // an existing empty folder that the run may fill
  Path templates;  // where initialised database clusters are kept between runs; empty: nowhere
  std::string database;  // to be made on the server that the target names; a name of its own
  Memory memory;         // earlier passes of the target
  Path manifest;         // of what was restored, by its content alone; empty: that of the backup
  Pauses pauses;
  bool digests = false;  // of every table's rows, to be compared with those of another run
  std::optional<DamageOrder> damage;
};
std::string to_json(const Job& job);
Result<Job> job_from_json(std::string_view json);

}  // namespace backproof
