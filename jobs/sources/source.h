// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "model/backup.h"
#include "model/options.h"

namespace backproof {

// What a source holds. `skipped` says what lies there and is no candidate, and why.
struct Listing {
  std::vector<Backup> backups;       // newest first
  std::vector<std::string> skipped;  // "x.db.gz.partial: still being written"
  TimePoint again{};  // when the first of those that are too young is old enough; 1970 = none is
};

// Where backups appear. Reads names, times and sizes, never content: bytes of a backup are hostile,
// and whoever lists is in no jail. Thread-safe after construction.
class Source {
 public:
  virtual ~Source() = default;
  // An empty listing is no error; a folder that cannot be read is (cause fetch). When a backup was
  // made is known by its name or its modification; runner/survey.h asks its content, too.
  virtual Result<Listing> list(TimePoint now) const = 0;
  // The folder in which whatever appears is seen by inotify(7); empty: only listing tells.
  virtual Path watched() const { return {}; }
  // Opens one of list()'s backups for reading, and nothing else than what was listed (F82).
  virtual Result<Fd> open(const Backup& backup) const = 0;
};

// One line of sources.def.
struct SourceKind {
  std::string_view name;
  std::string_view summary;
  std::string_view example;
  std::unique_ptr<Source> (*make)(Options& options);
};
std::vector<const SourceKind*> all_sources();

}  // namespace backproof
