// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "model/snapshot.h"

namespace backproof::pages {

// What a target's owner has to know first, worst first.
enum class Status {
  failed,        // the last backup that could be judged is bad
  stale,         // no pass for longer than its limit, counted from its first sighting if never
  inconclusive,  // the last run could not tell
  never_ran,
  passed,
  disabled,  // nobody verifies it, whatever was found before
};
std::string_view name_of(Status status);
// For class attributes: one word.
std::string_view css_of(Status status);

// Something measured against what it may be.
struct Measure {
  std::optional<Duration> value;  // nothing: not known
  Duration limit{};               // 0 = none
  bool missed = false;
};

struct Standing {
  Status status = Status::never_ran;
  Measure last_pass;      // age of the last pass; max_age
  Measure newest_backup;  // age of the newest backup, or none is there; RPO
  Measure restore;        // of the newest run that restored; RTO

  // RPO and RTO: what a target can miss although its backups restore.
  int objectives_missed() const { return int{newest_backup.missed} + int{restore.missed}; }
};

Standing standing_of(const TargetState& state, TimePoint now);

}  // namespace backproof::pages
