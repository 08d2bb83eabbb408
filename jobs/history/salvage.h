// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace backproof::history {

// Of one kind of what a history holds.
struct Salvaged {
  std::string what;  // "runs"
  std::uint64_t recovered = 0;
  std::uint64_t lost = 0;  // that are known to have been there
};

struct SalvageReport {
  std::vector<Salvaged> kinds;         // in the order in which they are to be told
  std::uint64_t unreadable_pages = 0;  // of which nobody knows what they held
  std::uint64_t raised = 0;            // counters that were lower than what the runs prove
  std::string log;                     // why commits of the write-ahead log are missing; or empty
};

// Makes the new history `fresh` of all that can be read in `copy`, which is a copy of a damaged one
// (with its -wal) and is changed. Runs keep their order, and no counter is lower than what the
// recovered runs and drills prove. `fresh` is one file when this returns, on the disk. An Error
// where nothing in the file is of a history.
Result<SalvageReport> salvage(const Path& copy, const Path& fresh);

// How many records of runs, drills and self-tests of a history that opens cannot be understood.
Result<std::uint64_t> unreadable_records(const Path& file);

}  // namespace backproof::history
