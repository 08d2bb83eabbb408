// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engines/sqlite/header.h"

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
  // The database's header after the first and after the last commit that changed its first page.
  std::optional<SqliteHeader> first_header, header;
  // Of the first page as it stands in the file beside the log: it is one of the log's, so it came
  // out of it; some first page of the log has its schema's number and the same, or another, schema.
  bool holds_first_page = false, same_schema = false, other_schema = false;

  // A transaction that was committed stands behind a break, so SQLite would lose it.
  bool loses_commits() const {
    return frames > valid_frames && (broken_salts || last_commit > valid_frames);
  }
};

// Reads the whole log. `first_page` is the database's as the file beside the log holds it; empty
// where that is not known. Errors have cause fetch.
Result<WalFacts> inspect_wal(int fd, ByteView first_page = {});

// A page whose kind of content is another in the log than in the database; 0 = none. Pages change
// their kind when they are freed and used again, which is written down on the first page: so in a
// log without a first page there is such a page only when it is for other content. Reads a few
// bytes of each committed frame. Errors have cause fetch.
Result<std::uint32_t> find_page_of_other_kind(int log, const WalFacts& wal, int database);

}  // namespace backproof
