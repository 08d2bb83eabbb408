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
  std::uint32_t schema_cookie = 0;
  std::uint32_t library = 0;  // SQLITE_VERSION_NUMBER of the last writer

  std::uintmax_t bytes() const { return std::uintmax_t{page_size} * page_count; }
  std::string library_version() const;  // "3.40.1"; empty when unknown
};

// The magic bytes of a database file are there.
bool is_sqlite_file(ByteView head);
// Nothing when a field has a value that no SQLite writes (page size, payload fractions).
std::optional<SqliteHeader> parse_sqlite_header(ByteView head);

// Page sizes that SQLite knows: powers of two from 512 to 65536.
bool is_sqlite_page_size(std::uint32_t bytes);
// Four bytes at `at`, most significant first, as everything in SQLite's files is written.
std::uint32_t big_endian(ByteView bytes, std::size_t at);

}  // namespace backproof
