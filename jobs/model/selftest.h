// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "model/run.h"

// A self-test of a target: copies of a backup that passed are damaged on purpose, and each must get
// the right verdict. Plain values.
namespace backproof {

// What is done to a copy (damages.def).
enum class DamageKind {
#define DAMAGE(name, expectation, summary) name,
#include "model/damages.def"
#undef DAMAGE
};

// What must be said of a damaged copy.
enum class Expectation {
  fails,     // the bytes, the engine or a check of the database's own rules sees it
  manifest,  // a whole and consistent database with other content: it must fail where a manifest
             // lies beside the backup, and may pass elsewhere
  noticed,   // its content is whole: failed, or a warning that the undamaged copy does not have
};

struct DamageInfo {
  DamageKind kind;
  std::string_view name, summary;
  Expectation expectation;
};
inline constexpr std::array all_damage_kinds{
#define DAMAGE(name, expectation, summary) \
  DamageInfo{DamageKind::name, #name, summary, Expectation::expectation},
#include "model/damages.def"
#undef DAMAGE
};
const DamageInfo& info_of(DamageKind kind);
const DamageInfo* damage_named(std::string_view name);

// What came of one damage.
enum class TrialResult {
  caught,          // the right verdict
  needs_manifest,  // passed, and only a manifest, which is not there, could tell
  missed,          // the wrong verdict
  not_applicable,  // a backup of this form cannot have it, or this one has nothing to damage so
  undecided,       // it could not be tried: no space, no time
};
inline constexpr std::array all_trial_results{TrialResult::caught, TrialResult::needs_manifest,
                                              TrialResult::missed, TrialResult::not_applicable,
                                              TrialResult::undecided};
std::string_view name_of(TrialResult result);
std::string_view name_of(Expectation expectation);

struct Trial {
  DamageKind damage{};
  TrialResult result = TrialResult::undecided;
  // Of the copy's verification; inconclusive and none where there was none.
  Verdict verdict = Verdict::inconclusive;
  Cause cause = Cause::none;
  std::string reason;  // of the verdict, or why it was not tried; no row values

  bool operator==(const Trial&) const = default;
};

struct Selftest {
  std::string id;  // as that of a run
  std::string target;
  std::string trigger = "manual";  // or schedule
  TimePoint started;
  Duration took{};
  std::uint64_t seed = 0;  // the same seed and backup give the same damages
  Path backup;
  std::string sha256, format;  // of the backup: "gzip postgresql dump"
  bool manifest = false;       // one lay beside the backup
  std::vector<Trial> trials;   // in the order of damages.def; as far as it came
  // Filled by conclude(): passed = every damage got its right verdict, failed = one did not, or the
  // undamaged copy failed; inconclusive = it could not be done.
  Verdict result = Verdict::inconclusive;
  std::string reason;  // of any other result than passed

  bool operator==(const Selftest&) const = default;
};

// How many trials came out so.
std::uint64_t count_of(const Selftest& selftest, TrialResult result);
// When it ended.
inline TimePoint end_of(const Selftest& selftest) {
  return selftest.started + selftest.took;
}
// Derives result and reason from the trials, unless a reason was given before.
void conclude(Selftest& selftest);

// One line of JSON and back; the reader trusts nothing.
std::string to_json(const Selftest& selftest);
Result<Selftest> selftest_from_json(std::string_view json);

}  // namespace backproof
