// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "model/run.h"
#include "model/snapshot.h"

namespace backproof {

struct Retention {
  Duration passed = std::chrono::days(90);
  Duration not_passed = std::chrono::days(400);
};

struct RunQuery {
  std::string target;  // empty = all
  std::optional<Verdict> verdict;
  std::uint64_t limit = 50;
};

// What happened: runs, totals and first sightings, in a SQLite file (WAL) that survives kill -9
// and upgrades and may be shared by several processes. Thread-safe: one mutex, held while SQLite
// works.
class HistoryStore {
 public:
  // Opens or creates the file (0600) and migrates it; a newer schema than ours is an Error.
  static Result<std::unique_ptr<HistoryStore>> open(const Path& file);

  // Closes runs whose owning process is gone as inconclusive: interrupted. How many.
  Result<std::uint64_t> recover(TimePoint now);
  // The target's first sighting: the earliest ever given for that name.
  Result<TimePoint> sight(const std::string& target, TimePoint now);
  // A run becomes visible as unfinished.
  Result<void> begin(const Run& run);
  // One transaction: the run's record and every total it raises. A run counts once, however
  // often this is called.
  Result<void> finish(const Run& run);
  Result<void> misfire(const std::string& target, const std::string& reason);

  Result<std::vector<Run>> list(const RunQuery& query) const;    // newest first, without logs
  Result<std::optional<Run>> find(const std::string& id) const;  // unique prefix is enough
  Result<TargetHistory> history_of(const std::string& target) const;
  // Changes when another process wrote: time to read again.
  Result<std::int64_t> version() const;
  // Forgets old runs; never the last, last passed and last restored run of a target, nor totals.
  Result<std::uint64_t> prune(const Retention& retention, TimePoint now);

 private:
  explicit HistoryStore(sqlite::Connection db) : db_(std::move(db)) {}
  mutable std::mutex mutex_;
  mutable sqlite::Connection db_;  // guarded by mutex_
};

}  // namespace backproof
