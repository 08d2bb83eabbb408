// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

// The rows of a damaged SQLite file, whatever its header, its schema and the inner pages of its
// tables look like: each page is read as if it were a whole table of its own. SQLite itself reads
// it, rows that go on in other pages included.
namespace backproof::history {

struct Cell {
  enum class Kind { null, integer, text, other } kind = Kind::null;
  std::int64_t integer = 0;
  std::string text;
};

struct FoundRow {
  bool has_rowid = false;  // of an ordinary table; else of an index or a table without rowids
  std::int64_t rowid = 0;
  std::vector<Cell> cells;  // columns that it lacks are null
};

struct ScanFacts {
  std::uint64_t pages = 0;             // of the file
  std::uint64_t unreadable_pages = 0;  // that say they hold rows, and of which none could be read
  std::uint64_t unreadable_rows = 0;   // whose number is known, but not their content
  std::optional<std::string> log;      // why what lies in the write-ahead log could not be taken
};

// Reads `copy`, a copy of a file for this purpose alone, with `copy`-wal where there is one: both
// are changed. `row` is told every row once or more often, in the order of pages.
Result<ScanFacts> scan_pages(const Path& copy,
                             const std::function<Result<void>(const FoundRow&)>& row);

}  // namespace backproof::history
