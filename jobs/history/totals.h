// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/sqlite.h"
#include "model/run.h"
#include "model/snapshot.h"

// The counters of a target: one row a number, only ever raised, so that pruning and restarts never
// make them fall. The caller holds the transaction that makes run and totals one.
namespace backproof::history {

// What one finished run adds, or one finished drill.
Totals totals_of(const Run& run);
Totals totals_of(const Drill& drill);
// Adds to what is kept; at 2^63 - 1 a counter stops rising.
Result<void> raise_totals(sqlite::Connection& db, const std::string& target, const Totals& by);
// Labels that this version does not know are left out.
Result<Totals> read_totals(sqlite::Connection& db, const std::string& target);

// Remembers the time for which a misfire was counted last. False where it is this one: a program
// that is started twice before the late run began counts it once. 1970: always true.
Result<bool> note_misfire(sqlite::Connection& db, const std::string& target,
                          const std::string& reason, TimePoint scheduled);

// Runs that did not pass, came after the last pass, and were pruned: without them the count of
// consecutive failures would fall with time.
Result<void> forget_failures(sqlite::Connection& db, const std::string& target, std::uint64_t n);
Result<std::uint64_t> forgotten_failures(sqlite::Connection& db, const std::string& target);
Result<void> clear_forgotten_failures(sqlite::Connection& db, const std::string& target);

}  // namespace backproof::history
