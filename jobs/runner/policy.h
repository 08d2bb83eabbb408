// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/snapshot.h"

// Which of a target's backups are to be verified at a due time: pure functions of what the source
// holds, what the history knows and the time, so that a year of it is tested in milliseconds.
//
// newest     the newest one.
// every_new  each once: those that no run has judged yet, the oldest first. What a run could not
//            tell of is tried again at the next due time, after those that were not tried.
// random     `count` of them, drawn anew for each due time, but the same for the same due time.
// coverage   the newest, and of the others as many as it takes to judge each once within `within`,
//            those never judged and those judged longest ago first. So that no due time brings a
//            flood, work is spread evenly, and each comes at least one due time before its limit.
namespace backproof {

// What is known of each backup that the source holds, in the same order. A record counts for the
// backup of its id, size and time of modification.
std::vector<RetainedBackup> retained_of(const std::vector<Backup>& backups,
                                        const std::vector<BackupRecord>& records);

// Whether what a source lists is the backup of this id, size and time of modification. A listing
// need not say how large what is elsewhere is.
bool is_same_backup(const Backup& listed, std::string_view id, std::uintmax_t bytes,
                    TimePoint modified);

bool was_judged(const RetainedBackup& retained);

struct DueTime {
  TimePoint now;
  TimePoint scheduled{};       // the time that it stands for; 1970 = none, then `now` counts
  Duration interval{};         // to the next one; 0 = none will come by itself
  TimePoint target_created{};  // nothing is late that was there before the target was
};

struct Pick {
  Backup backup;
  std::string reason;  // "never verified"
};

struct Choice {
  std::vector<Pick> picks;               // in the order in which they are to be verified
  std::vector<std::string> passed_over;  // "x.db of ...: verified ...: passed"
};

// `retained` is newest first.
Choice choose(const SelectSpec& select, const std::vector<RetainedBackup>& retained,
              const DueTime& due);

// What is verified on arrival: those that no run was begun for and that appeared after the target
// did, the oldest first.
std::vector<Pick> arrivals_of(const std::vector<RetainedBackup>& retained, const DueTime& due);

// How much of what is retained was verified, and is late by the policy.
Coverage coverage_of(const SelectSpec& select, std::vector<RetainedBackup> retained,
                     const DueTime& due);

}  // namespace backproof
