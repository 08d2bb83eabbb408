// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/run.h"

// A disaster recovery drill of a target: a backup is taken, a stand-in of production is lost, and
// the backup is restored and proven, by the clock. Plain values.
namespace backproof {

enum class DrillCause {
#define DRILL_CAUSE(name, verdict) name,
#include "model/drill_causes.def"
#undef DRILL_CAUSE
};
inline constexpr std::array all_drill_causes{
#define DRILL_CAUSE(name, verdict) DrillCause::name,
#include "model/drill_causes.def"
#undef DRILL_CAUSE
};
std::string_view name_of(DrillCause cause);
Verdict verdict_of(DrillCause cause);

// In their order. `canary` is the marker before the backup; that after it belongs to `backup`.
enum class DrillStage { canary, backup, verify, lose, restore, prove };
inline constexpr std::array all_drill_stages{DrillStage::canary,  DrillStage::backup,
                                             DrillStage::verify,  DrillStage::lose,
                                             DrillStage::restore, DrillStage::prove};
std::string_view name_of(DrillStage stage);

// What went wrong: lowercase fact, no row values and nothing that a command has printed.
struct DrillError {
  DrillCause cause = DrillCause::internal;
  std::string text, hint;

  bool operator==(const DrillError&) const = default;
};

struct DrillStageResult {
  DrillStage stage{};
  Duration took{};
  std::string note;  // what was done: "pg_dump wrote 3 MiB"
  std::optional<DrillError> error;

  bool operator==(const DrillStageResult&) const = default;
};

struct Drill {
  std::string id;  // as that of a run
  std::string target;
  std::string trigger = "manual";  // or schedule
  TimePoint started;
  Duration took{};
  bool finished = false;
  Duration rto_objective{}, rpo_objective{};  // 0 = none

  std::vector<DrillStageResult> stages;  // those begun, in order; some drills have no canary
  Path backup;                           // that was restored; empty: it did not come to that
  TimePoint backup_created{};            // 1970: it did not come to that
  std::string stand_in;                  // what was lost: "shop.db of ..., restored"
  bool by_command = false;               // restored by the team's own command
  bool with_manifest = false;            // what was restored was compared with one
  TimePoint lost{};                      // 1970: it did not come to that
  Duration recovery{};                   // from then until it was proven; 0 = it was not
  TimePoint newest{};                    // of the recovered data; 1970 = not known
  std::string newest_by;                 // what says so: "table public.orders"
  std::optional<Run> proof;              // of what was restored: a verification; without log
  std::vector<std::string> warnings;
  std::vector<std::string> not_drilled;  // what a disaster would ask for beside

  // Filled by conclude().
  Verdict result = Verdict::inconclusive;
  std::optional<DrillCause> cause = DrillCause::interrupted;  // none of a drill that passed
  std::string reason, hint;
};

inline TimePoint end_of(const Drill& drill) {
  return drill.started + drill.took;
}
// Loss minus newest recovered data, not below zero; nothing where one of both is not known.
std::optional<Duration> data_loss_of(const Drill& drill);
// Measured and longer than the objective. Neither makes a drill fail: each has its alert.
bool exceeds_rto(const Drill& drill);
bool exceeds_rpo(const Drill& drill);

// Derives result, cause, reason and hint from the stages: passed only when the last of them was
// reached and none has an error.
void conclude(Drill& drill);

// How the end of a verification speaks in a drill; nothing of one that passed. `failed`: the cause
// of a run that failed.
std::optional<DrillError> drill_error_of(const Run& run, DrillCause failed);
// The same of our own trouble; `other` where its cause has no name here.
DrillError drill_error_of(const Error& error, DrillCause other);

// One line of JSON and back; the reader trusts nothing.
std::string to_json(const Drill& drill, int indent = -1);
Result<Drill> drill_from_json(std::string_view json);

}  // namespace backproof
