// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engines/pg/crew.h"

namespace backproof {

// Work on one table that may run beside work on others: an index, a constraint.
struct PgJob {
  std::string table;       // key: jobs of one table know of each other
  bool alone = false;      // no other job of its table may run meanwhile (it would wait)
  std::uint64_t cost = 0;  // in any unit: the dearest goes first
  bool divisible = false;  // parallel workers of the server do it at the price of one
  PgCrew::Work work;
};

// Runs all of them over the crew, side by side, the dearest first, and waits. Where there are fewer
// jobs left than sessions, or a divisible one is dearer than all that are left, the server may use
// parallel workers for it, so that no processor idles behind one long job. The first error.
Result<void> run_jobs(PgCrew& crew, std::vector<PgJob> jobs);

}  // namespace backproof
