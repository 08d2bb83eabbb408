// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/file.h"
#include "sources/name_pattern.h"
#include "sources/source.h"

namespace backproof {

struct DirectorySettings {
  Path path;  // absolute
  NamePattern pattern;
  bool recursive;
  Duration settle;              // 0 = off
  std::string complete_marker;  // "{}.done"; empty: none is needed
};

// pg_dump's directory format is a folder that holds this file, which it writes last.
inline constexpr const char* archive_toc = "toc.dat";

// One look at the open folder: what lies there, and what of it is a backup. What belongs to a
// backup (manifests, checksums, markers) is neither listed nor among what was skipped.
Result<Listing> look_around(const DirectorySettings& settings, int folder, TimePoint now);

// Opens it for reading. An Error (fetch) says why not, with a hint.
Result<Fd> open_folder(const Path& path);

// "{}.done" of "a/x.db" is "a/x.db.done".
std::string name_beside(std::string_view pattern, std::string_view id);

}  // namespace backproof
