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

// Runs all of them over the crew, largest table first, and waits. Where sessions would idle, a
// statement may use parallel workers of the server instead. The first error.
Result<void> run_jobs(PgCrew& crew, std::vector<PgJob> jobs);

}  // namespace backproof
