// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>

#include "history/history.h"
#include "model/look.h"
#include "runner/plan.h"
#include "sources/source.h"

namespace backproof {

// Looks at one backup: look_at() with everything else bound, or a fake in tests. Empty: none is
// looked at, and names and times of modification count.
using Looker = std::function<Result<Look>(const Target&, const Backup&)>;

// What a source holds, dated by the best evidence there is.
struct Survey {
  std::vector<Backup> backups;     // newest first
  std::vector<std::string> notes;  // what is no candidate, and what is not dated as it might be
  bool complete = true;            // false: some were not looked at yet
  TimePoint again{};               // as Listing::again
};

// Lists the source of the plan, which has one, and dates its backups: by what their bytes say, else
// by their manifest, else as the source did. Looks at no more than `looks` of those that the
// history does not know yet, and takes them off it; when the next three cannot be looked at, the
// rest are not tried. Those that are elsewhere would have to be fetched for it: they are dated as
// the source did. An Error is the source's. Thread-safe.
Result<Survey> survey(const Plan& plan, HistoryStore& history, const Looker& looker, TimePoint now,
                      std::size_t& looks, const std::stop_token& stop = {});

}  // namespace backproof
