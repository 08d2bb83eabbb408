// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/run.h"
#include "support/mutation.h"
#include "support/pg.h"

namespace backproof::test {

// One mutation and what the program said of it, with a manifest of the content beside it.
struct MutationRun {
  std::string kind;
  std::uint64_t seed = 0;
  std::string bytes;
  Run run;
};

// Verifies backups of one form, two at a time, with the built program. SQLite in a jail; PostgreSQL
// on a server that the user named, which takes a tenth of the time of a throw-away one.
class MutationRunner {
 public:
  explicit MutationRunner(const MutationForm& form);
  // As many verdicts as backups. Fails the test where the program says nothing of one, and where it
  // leaves something behind.
  std::vector<Run> verify(const std::vector<std::string>& backups) const;
  // The same backup in a throw-away server; of SQLite again as before.
  Run verify_alone(const std::string& backup) const;

  // Whether it holds what the undamaged one holds, when SQLite's or PostgreSQL's own programs
  // restore both (support/same_content.h).
  bool is_same(const std::string& backup) const;

 private:
  Path written(const Path& at, const std::string& backup, std::size_t number) const;
  std::string content(const std::string& backup) const;
  Path config(const Path& scratch, const std::string& lines) const;

  const MutationForm& form_;
  Folder folder_;
  std::string manifest_;
  std::unique_ptr<PgTestServer> server_;  // null: SQLite
  std::string original_;                  // content() of the undamaged backup
};

// The same run without the answers of its manifest.
Run without_manifest(Run run);

}  // namespace backproof::test
