// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "db/database.h"
#include "model/manifest.h"
#include "model/memory.h"
#include "model/options.h"
#include "model/run.h"

namespace backproof {

// What a check is asked with. Lives longer than the asking.
struct CheckInput {
  Database& database;
  const Run& run;        // so far: which backup it is, what its bytes say, what was counted
  const Memory& memory;  // earlier passes of the target, the newest first
  // What lies beside the backup; null: nothing does.
  const Result<Manifest>* manifest = nullptr;
};

// One question to a restored database. Has an expected value; turns its own trouble into an
// inconclusive answer, never into a pass. Stateless after construction; one thread.
class Check {
 public:
  virtual ~Check() = default;
  // One result per subject; the caller fills in kind, time and whether it is enforced.
  virtual std::vector<CheckResult> run(const CheckInput& input,
                                       const RunContext& context) const = 0;
};

// The answer of a check that ran into `error`: inconclusive, or failed where the error itself
// proves the backup bad.
CheckResult could_not(const Error& error);
// The answer of a check that looked at restored data.
CheckResult answered(bool as_expected, std::string observed, std::string expected);
// The answer of an examination: none of what it looks for may be there. Names the first findings.
CheckResult nothing_found(const Result<Examined>& examined, std::string_view noun,
                          Cause of_findings = Cause::check_failed);

// One line of checks.def.
struct CheckKind {
  std::string_view name;
  std::string_view summary;
  std::string_view example;
  bool by_default;  // runs for every target that configures no checks
  std::unique_ptr<Check> (*make)(Options& options);
};
std::vector<const CheckKind*> all_checks();

}  // namespace backproof
