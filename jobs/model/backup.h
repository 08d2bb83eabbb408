// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/file.h"

namespace backproof {

// One artefact at a source. Plain value.
struct Backup {
  std::string id;            // unique at its source; for files the path below the source's folder
  Path path;                 // where it is; empty until fetched for sources that are no folder
  TimePoint created;         // by the source's evidence (a file's mtime); 1970 = unknown
  std::uintmax_t bytes = 0;  // of the artefact itself, compressed as it is
  std::string sha256;        // of the bytes that were verified; empty until all were read
  std::uint64_t inode = 0;  // where the source is a folder, to notice a replaced file; 0 = unknown;
                            // kept in memory only

  bool operator==(const Backup&) const = default;
};

// What the bytes say they are; a file's name is no evidence.
struct Format {
  std::string name;            // engine's word: "sqlite database", "sqlite dump"; empty = unknown
  std::string containers;      // outermost first: "gzip", "gzip+zstd"; empty = bare
  std::string server_version;  // of the writer, as far as the bytes say
  std::string database;        // its name inside the bytes, as far as they say
  std::string dump_version;    // of the tool that wrote a dump: pg_dump's; empty for files
  std::string encoding;        // of the text: "UTF8"; empty where the bytes do not say
  std::string written;         // when, in the writer's own words; empty where they do not say

  bool operator==(const Format&) const = default;
};

}  // namespace backproof
