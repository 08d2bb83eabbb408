// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/process.h"
#include "model/run.h"
#include "support/support.h"

namespace backproof::test {

// A scratch folder that no other test uses meanwhile, with the templates of clusters that earlier
// tests left there: making one takes longer than most tests.
class Scratch {
 public:
  Scratch();
  const Path& path() const { return path_; }

 private:
  Path path_;
  Fd lock_;  // released with it
};

// The built program, called as a user calls it.
Output program(const std::vector<std::string>& arguments);
// The same in two steps, for another thread than the test's, where nothing may be asserted: that
// one calls, the test demands afterwards that the program came to its end.
Result<Output> call_program(const std::vector<std::string>& arguments);
Output completed(Result<Output> called);

// `backproof verify PATH` with these further arguments: the recorded run. Demands what must hold
// whatever the backup is: the exit code says the verdict, nothing stays in the scratch folder,
// and the backup is as it was.
Run verified(const Path& backup, const std::vector<std::string>& arguments = {});

// What ended runs have left in their scratch folder, but for the templates of clusters, which are
// kept on purpose.
std::vector<std::string> left_in(const Path& scratch);

// That no more anonymous memory was used than promised. Not under a sanitizer, whose own counts.
void check_memory(const Run& run);
// What saw the trouble: "restore" for a stage, "check integrity" for a check, "finding" for a
// finding; empty for a pass.
std::string seen_by(const Run& run);
// Some finding's text holds `part`.
bool has_finding(const Run& run, std::string_view part, Severity severity = Severity::warning);

}  // namespace backproof::test
