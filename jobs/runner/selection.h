// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/policy.h"
#include "runner/survey.h"

namespace backproof {

// What is verified at one due time, and why that.
struct Selection {
  std::vector<Pick> picks;         // none: there is nothing to be done
  std::vector<std::string> notes;  // candidates and why they are none, at most 20 and "N more"
};

// Asks the source, the heads of its backups and the history, and leaves the choice to a policy, as
// a rule the target's own. An Error (fetch) when the source cannot be listed or holds no backup.
Result<Selection> select_backups(const Plan& plan, const SelectSpec& select, HistoryStore& history,
                                 const Looker& looker, TimePoint now, TimePoint scheduled,
                                 const std::stop_token& stop = {});

// Tells the job which backup it is about.
void give(Job& job, const Pick& pick, const std::vector<std::string>& notes);

// The run of a job for which there was no backup.
Run without_backup(const Job& job, const Error& error, TimePoint now);

}  // namespace backproof
