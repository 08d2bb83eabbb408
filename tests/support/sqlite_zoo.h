// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/file.h"

namespace backproof::test {

// One whole SQLite database as bytes.
struct ZooAnimal {
  std::string name;  // what lives in it and in which form: "plain 512 UTF-8 vacuum 0"
  std::string bytes;
  bool is_provable = true;  // scans alone can prove it
};

// Small databases of every kind that the examination tells apart, in all page sizes, encodings and
// vacuum modes; the same every time.
std::vector<ZooAnimal> sqlite_zoo();

// Runs SQL on the database file with everything allowed; fails the test on an error.
void run_sql(const Path& file, const std::string& sql);
// The same, but errors are fine: what a damaged database may answer.
void try_sql(const Path& file, const std::string& sql);
// The first column of all rows.
std::vector<std::string> ask_sql(const Path& file, const std::string& sql);

// What SQLite itself says by PRAGMA integrity_check and foreign_key_check.
struct Reference {
  bool integrity_ok = false, foreign_keys_ok = false;
  std::string integrity;  // one of its findings; empty = none
};
// `is_reordered`: of tables about which SQLite 3.40 is wrong, what can be refuted does not count.
Reference ask_reference(const Path& file, bool is_reordered = false);

}  // namespace backproof::test
