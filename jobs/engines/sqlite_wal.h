// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engines/sqlite_header.h"

namespace backproof {

// What stands in a write-ahead log, https://sqlite.org/fileformat2.html section 4: checked here
// because SQLite ends the log at the first frame that it does not like, without a word. Frames
// are counted from 1; those of an older generation of the log, which carry other salts and may
// follow its own, are not counted.
struct WalFacts {
  bool header_ok = false;  // magic, version and checksum of the header
  std::uint32_t page_size = 0;
  std::uint64_t frames = 0;            // whole frames up to the last one with this log's salts
  std::uint64_t valid_frames = 0;      // of them in front of the first broken one
  std::uint64_t committed_frames = 0;  // of those up to the last commit: what SQLite replays
  std::uint64_t last_commit = 0;       // the last frame with a commit mark, broken or not
  bool broken_salts = false;           // a frame of another log stands in front of one of this
  std::uint64_t cut_bytes = 0;         // behind the last whole frame
  std::uint32_t database_pages = 0;    // size of the database after the last commit, in pages
  std::optional<SqliteHeader> header;  // of the database after the last commit, where it is there

  // A transaction that was committed stands behind a break, so SQLite would lose it.
  bool loses_commits() const {
    return frames > valid_frames && (broken_salts || last_commit > valid_frames);
  }
};

// Reads the whole log. Errors have cause fetch.
Result<WalFacts> inspect_wal(int fd);

}  // namespace backproof
