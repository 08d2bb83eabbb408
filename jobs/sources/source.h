// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
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

// How a backup is brought here.
struct FetchOrder {
  Path folder;  // existing and empty: whatever is written goes below it; the caller removes it
  std::uintmax_t max_file = 0;  // bytes of the largest file; 0: any
  Duration limit{};             // that of the whole run; the source may have a shorter one
  // Asked while it goes on; an Error ends it, and is what fetch() returns.
  std::function<std::optional<Error>()> watch{};
};

// Where backups appear. Reads names, times and sizes, never content: bytes of a backup are hostile,
// and whoever lists is in no jail. Thread-safe after construction.
class Source {
 public:
  virtual ~Source() = default;
  // An empty listing is no error; a folder that cannot be read is (cause fetch). When a backup was
  // made is known by its name or its modification; runner/survey.h asks its content, too. May take
  // as long as whatever is asked; a stop makes it an Error (cancelled) soon.
  Result<Listing> list(TimePoint now, const std::stop_token& stop = {}) const {
    return look(now, stop);
  }
  // Whether it can be asked now: for who writes its configuration. A file server that hangs makes
  // it wait as list() does.
  virtual Result<void> reach() const { return {}; }
  // The folder in which whatever appears is seen by inotify(7); empty: only listing tells.
  virtual Path watched() const { return {}; }
  // Whether backups are elsewhere: then they are fetched and not opened, they have no path, and
  // nothing is asked of their content before.
  virtual bool fetches() const { return false; }
  // Opens one of list()'s backups for reading, and nothing else than what was listed (F82).
  virtual Result<Fd> open(const Backup& backup) const;
  // Brings one of list()'s backups into the order's folder: the path of a file or folder there.
  // Nothing of its content was read. Blocks; what it had started has ended when it returns, and
  // when this process dies.
  virtual Result<Path> fetch(const Backup& backup, const FetchOrder& order) const;

 private:
  virtual Result<Listing> look(TimePoint now, const std::stop_token& stop) const = 0;
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
