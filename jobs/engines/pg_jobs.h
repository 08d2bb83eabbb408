// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engines/pg_crew.h"

namespace backproof {

// Work on one table that may run beside work on others: an index, a constraint.
struct PgJob {
  std::string table;       // key: jobs of one table know of each other
  bool alone = false;      // no other job of its table may run meanwhile (it would wait)
  std::uint64_t size = 0;  // of the table, in bytes: the largest goes first
  PgCrew::Work work;
};

// Runs all of them over the crew, largest table first, and waits. Work on a large table is done by
// several processors at once (parallel workers of the server), so that none idles behind one long
// job; work on small ones goes side by side. The first error.
Result<void> run_jobs(PgCrew& crew, std::vector<PgJob> jobs);

}  // namespace backproof
