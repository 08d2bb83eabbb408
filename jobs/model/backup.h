// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"

namespace backproof {

// What vouches for the time at which a backup was made, the weakest first: when it was last
// modified, a time in its name, the listing of its source, the manifest beside it, its own content.
enum class Evidence { mtime, name, listing, manifest, content };
std::string_view name_of(Evidence evidence);
std::optional<Evidence> evidence_named(std::string_view name);

// One artefact at a source. Plain value.
struct Backup {
  std::string id;            // unique at its source; for files the path below the source's folder
  Path path;                 // where it is; empty where it is not here
  TimePoint created;         // when it was made, as `evidence` says; 1970 = unknown
  std::uintmax_t bytes = 0;  // of the artefact itself, compressed as it is; 0 may be unknown where
                             // it is elsewhere
  std::string sha256;        // of the bytes that were verified; empty until all were read
  std::uint64_t inode = 0;  // where the source is a folder, to notice a replaced file; 0 = unknown;
                            // kept in memory only
  TimePoint modified{};     // when it was last written to, as its source says; 1970 = unknown
  Evidence evidence = Evidence::mtime;
  // Another text whenever the artefact may be another; empty = unknown. Kept in memory only.
  std::string version{};
  bool newest = true;  // of those that its source held when it was chosen

  bool operator==(const Backup&) const = default;
};

// "2026-11-20T03:00:00Z, as its content says (modified 2026-11-26T10:00:00Z)": the second half only
// where the two are more than a day apart.
std::string dated(const Backup& backup);

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
