// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engines/sqlite/header.h"

namespace backproof {

// What stands in a rollback journal, https://sqlite.org/fileformat2.html section 3: checked here
// because SQLite ends the rollback at the first record that it does not like, without a word, and
// keeps a transaction that is applied by half.
struct JournalFacts {
  bool hot = false;    // SQLite would play it back; false: empty, finished or never begun
  std::string damage;  // why it cannot be played back in full; empty = nothing
  std::uint32_t page_size = 0;
  std::uint32_t database_pages = 0;  // size of the database before the transaction, in pages
  std::uint64_t records = 0;         // pages in it
  // The file goes on behind the last record that is counted, as it does during a transaction, so
  // that no counted one can be missing at its end. False: it ends there, or nothing is counted.
  bool proven_whole = false;
  // Where the name of a super-journal begins, which alone knows how the transaction of several
  // databases ended; 0 = none is named.
  std::uintmax_t super_journal = 0;
};

// Reads the whole journal. Errors have cause fetch.
Result<JournalFacts> inspect_journal(int fd);

}  // namespace backproof
