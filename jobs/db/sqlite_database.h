// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "base/file.h"
#include "base/result.h"
#include "db/database.h"

namespace backproof {

// How a SQLite database is examined.
struct SqliteSettings {
  enum class Integrity {
    automatic,  // proven by sequential scans; PRAGMA integrity_check wherever that is not enough
    pragma,     // PRAGMA integrity_check always
  };
  Integrity integrity = Integrity::automatic;
  unsigned threads = 0;            // 0 = as many as the hardware has, at most 8
  std::size_t max_findings = 100;  // listed of each examination; the rest is counted
};

// A SQLite database file to be questioned. `file` is a private copy with its WAL already in it:
// nobody writes to it or shortens it while the object lives. Its content is hostile: it is opened
// read-only, with triggers, extensions, ATTACH and untrusted schema functions off, and what SQLite
// may allocate in the whole process is bounded from then on (sqlite3_hard_heap_limit64).
//
// Damage of the content is no error of opening but a finding of self_check(). self_check() uses
// threads of its own while it runs. ask() refuses every statement that writes.
Result<std::unique_ptr<Database>> open_sqlite_database(const Path& file,
                                                       const SqliteSettings& settings);

}  // namespace backproof
