// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"

namespace backproof {

// The 100-byte header of a SQLite database file, https://sqlite.org/fileformat2.html section 1.3.
struct SqliteHeader {
  std::uint32_t page_size = 0;    // bytes, a power of two from 512 to 65536
  bool wal_mode = false;          // read or write version is 2
  std::uint32_t page_count = 0;   // as the header says
  bool page_count_valid = false;  // false: written by SQLite before 3.7.0, which left it alone
  std::uint32_t change_counter = 0;
  std::uint32_t library = 0;  // SQLITE_VERSION_NUMBER of the last writer

  std::uintmax_t bytes() const { return std::uintmax_t{page_size} * page_count; }
  std::string library_version() const;  // "3.40.1"; empty when unknown
};

// The magic bytes of a database file are there.
bool is_sqlite_file(ByteView head);
// Nothing when a field has a value that no SQLite writes (page size, payload fractions).
std::optional<SqliteHeader> parse_sqlite_header(ByteView head);

// What stands in a write-ahead log, https://sqlite.org/fileformat2.html section 4: checked here
// because SQLite silently takes a damaged log for an empty one.
struct WalFacts {
  bool header_ok = false;  // magic, version and checksum of the header
  std::uint32_t page_size = 0;
  std::uint64_t frames = 0;            // frames that belong to this log's salts, valid or not
  std::uint64_t valid_frames = 0;      // of them in front of the first broken one
  std::uint64_t committed_frames = 0;  // of those up to the last commit
  std::uint32_t database_pages = 0;    // size of the database after the last commit, in pages
};
// Reads the whole log. Errors have cause fetch.
Result<WalFacts> inspect_wal(int fd);

}  // namespace backproof
