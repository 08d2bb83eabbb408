// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/backup.h"
#include "model/log_entry.h"
#include "model/stage.h"

namespace backproof {

// passed: bytes whole, restored, every check passed, restored data looked at.
// failed: the backup is bad. inconclusive: we could not tell.
enum class Verdict { passed, failed, inconclusive };

struct StageResult {
  Stage stage = Stage::select;
  Duration took{};
  std::optional<Error> error;
};

// Something a person should know of that was seen on the way. A `failure` makes the run fail with
// the finding's cause, a `warning` never changes the verdict.
enum class Severity { warning, failure };
struct Finding {
  Severity severity = Severity::warning;
  Cause cause = Cause::none;  // of a failure
  std::string text;           // lowercase fact, no row values

  bool operator==(const Finding&) const = default;
};

// One answer of one check. What could not be asked is inconclusive, never passed.
struct CheckResult {
  std::string check;    // kind: "row_count"
  std::string subject;  // what was asked about: a table, or empty for the whole database
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::check_failed;  // of a verdict other than passed
  bool enforced = true;               // false: set to warn, a failure does not fail the run
  bool looked_at_data = false;        // read restored rows or pages to answer
  std::string observed, expected, detail;
  Duration took{};
  std::string hint{};  // what a person can do where it could not be asked; may be empty
};

struct TableFact {
  std::string schema, table;
  std::uint64_t rows = 0;   // exact
  std::uint64_t bytes = 0;  // that its rows take where they are stored; 0 = not known
  TimePoint newest{};       // of the times in columns that look like times; 1970 = none
  std::string digest{};     // of all rows (db/row_text.h), 32 hex digits; empty: not asked for
  // A manifest of its database names it; not written where facts are.
  bool in_manifests = true;

  bool operator==(const TableFact&) const = default;
};

// What the run's worker process used.
struct Resources {
  Duration user{}, system{};
  std::uintmax_t max_rss = 0;  // bytes, file pages included
  // Bytes of anonymous memory at most: sampled by the worker at stage ends and with its progress,
  // at most ten times a second, and from outside by its supervisor, four times a second.
  std::uintmax_t max_anonymous = 0;
  std::uintmax_t scratch = 0;  // bytes in the sandbox at most (sampled at stage ends)
};

// How much of the jail was proven to hold (sandbox/jail.h).
enum class Isolation { none, partial, full };

// One verification from beginning to end: everything that is recorded of it. Plain value.
struct Run {
  std::string id;                  // unique, sorts by start: "20261123T143454Z-1f0c9a3e"
  std::string target;              // configured name, or the given path of a one-off run
  std::string trigger = "manual";  // schedule, first, missed, manual, retry
  int attempt = 1;
  TimePoint started;
  TimePoint scheduled;  // when it was due; 1970 = not scheduled
  Duration took{};
  bool finished = false;

  Backup backup;
  Format format;
  Isolation isolation = Isolation::none;
  std::vector<StageResult> stages;  // those begun, in order
  std::vector<Finding> findings;
  std::vector<CheckResult> checks;
  std::vector<TableFact> tables;      // of the restored database
  std::uintmax_t restored_bytes = 0;  // of the restored database
  bool restored = false;              // a restore completed, whatever the checks said
  Resources resources;
  std::vector<LogLine> log;  // at most most_log_bytes

  // Filled by conclude().
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::interrupted;
  std::string reason;  // one sentence: why this verdict; empty for a pass
  std::string hint;    // what a person can do; may be empty
};

// failed or inconclusive as cause.def says; passed for none.
Verdict verdict_of(Cause cause);
// True where trying again later can help.
bool is_retriable(Cause cause);

// Derives verdict, cause, reason and hint from what the run holds: the first thing that proves the
// backup bad; else the first thing that could not be done; else passed, but only when some check
// looked at restored data. The only place where a verdict is made.
void conclude(Run& run);

// "sales.orders".
std::string full_name(const TableFact& fact);

// When a finished run ended.
inline TimePoint end_of(const Run& run) {
  return run.started + run.took;
}
// Fetch + restore of this run: the measured recovery time.
Duration restore_time(const Run& run);
std::uint64_t total_rows(const Run& run);
// Whether what was restored was compared with a manifest.
bool was_compared_with_manifest(const Run& run);

std::string_view name_of(Verdict verdict);
std::string_view name_of(Severity severity);
std::string_view name_of(Isolation isolation);
std::optional<Verdict> verdict_named(std::string_view name);
std::optional<Severity> severity_named(std::string_view name);
std::optional<Isolation> isolation_named(std::string_view name);

// A new id for a run that starts at `t`.
std::string new_run_id(TimePoint t);
// Whether new_run_id() may have made it: "20261123T143454Z-1f0c9a3e".
bool is_run_id(std::string_view id);

}  // namespace backproof
