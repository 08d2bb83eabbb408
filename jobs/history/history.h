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
#include "history/file_identity.h"
#include "history/owner.h"
#include "model/drill.h"
#include "model/look.h"
#include "model/run.h"
#include "model/snapshot.h"

namespace backproof {

struct Retention {
  Duration passed = std::chrono::days(90);
  Duration not_passed = std::chrono::days(400);
  Duration logs = std::chrono::days(30);  // of runs, which outlive them
  std::uint64_t logs_per_target = 1000;   // at most so many
};

struct RunQuery {
  std::string target;  // empty = all
  std::optional<Verdict> verdict;
  std::uint64_t limit = 50;
};

// What happened: runs, totals and first sightings, in a SQLite file (WAL) that survives kill -9
// and upgrades and may be shared by several processes. Thread-safe: one mutex, held while SQLite
// works.
//
// Order is that of recording, never that of times, because clocks are set: an unfinished run stands
// where it began, a finished one where its result came in. "Last" below means that.
class HistoryStore {
 public:
  // Opens or creates the file (0600) and migrates it; a newer schema than ours is an Error.
  static Result<std::unique_ptr<HistoryStore>> open(const Path& file);

  // Closes runs and drills whose owner (history/owner.h) is gone as inconclusive: interrupted. How
  // many. Such a run keeps its place from when it began: nothing was learnt since. Runs of a
  // version that knew no owners are among them. What dead owners left beside the history is
  // removed.
  Result<std::uint64_t> recover(TimePoint now);
  // The target's first sighting: the earliest ever given for that name.
  Result<TimePoint> sight(const std::string& target, TimePoint now);
  // The same of many, those that are new in one transaction.
  Result<void> sight(const std::vector<std::string>& targets, TimePoint now);
  // A run becomes visible as unfinished. The first one makes this store an owner; who only asks
  // questions never is.
  Result<void> begin(const Run& run);
  // One transaction: the run's record and every total it raises. A run counts once, however
  // often this is called, but for one: the run that recover() closed although its process lived.
  // Its result takes the place of the interruption under the same id, as the last run of its
  // target, and raises the totals in its turn; those that the interruption raised stay, because
  // counters never fall. So it is one run in list() and two in Totals::runs.
  Result<void> finish(const Run& run);
  // Writes (a page of the file, to the disk) and changes nothing: whether begin() and finish()
  // would work now.
  // Also an Error when another file or none is at the path: what is written to the open one is
  // lost with it. For other processes, version() changes.
  Result<void> probe();
  // Counts each scheduled time once, also when it is told again, as by the next start of the
  // program before the late run began; 1970: every time.
  Result<void> misfire(const std::string& target, const std::string& reason,
                       TimePoint scheduled = {});
  // A self-test that ended; of each target the last 100 are kept.
  Result<void> record(const Selftest& selftest);
  // Whether drills of the target are scheduled now; since when is kept until they are not.
  Result<void> drills_scheduled(const std::string& target, bool scheduled, TimePoint now);
  // A drill begins and ends as a run does; of each target the last 100 are kept, and the last that
  // passed or failed.
  Result<void> begin(const Drill& drill);
  Result<void> finish(const Drill& drill);
  // The target's source has the backups of these ids now: what is known of them is kept.
  Result<void> seen(const std::string& target, const std::vector<std::string>& ids, TimePoint now);
  // What the heads of a target's backups say; takes the place of what was kept before.
  Result<void> keep_looks(const std::string& target, const std::vector<Look>& looks, TimePoint now);
  Result<std::vector<Look>> looks_of(const std::string& target) const;  // by id

  Result<std::vector<Run>> list(const RunQuery& query) const;  // last first, without logs
  // Of each backup its last run, where that could not tell and ended after `since`: of the last
  // thousand, without logs.
  Result<std::vector<Run>> untold(TimePoint since) const;
  Result<std::optional<Run>> find(const std::string& id) const;  // unique prefix is enough
  Result<std::vector<Drill>> drills_of(const std::string& target,
                                       std::uint64_t limit) const;       // last first
  Result<std::optional<Drill>> find_drill(const std::string& id) const;  // as find()
  Result<TargetHistory> history_of(const std::string& target) const;
  // Changes when another process wrote: time to read again. An Error when another file or none
  // is at the path.
  Result<std::int64_t> version() const;
  // Forgets runs that ended long ago; never the last, last passed and last restored run of a
  // target, nor totals. One that ended in the future is as old as those recorded after it. What is
  // known of single backups stays for as long as their source has them, and for the longer
  // retention after that. Logs are forgotten by themselves, by age and by count; never that of the
  // last run of a target that did not pass.
  Result<std::uint64_t> prune(const Retention& retention, TimePoint now);

 private:
  HistoryStore(Path path, history::FileIdentity file, sqlite::Connection db)
      : path_(std::move(path)), file_(std::move(file)), db_(std::move(db)) {}
  Result<void> be_owner();
  Result<void> prune_logs(const Retention& retention, TimePoint now);
  const Path path_;  // without symlinks
  const history::FileIdentity file_;
  mutable std::mutex mutex_;
  mutable sqlite::Connection db_;        // guarded by mutex_
  std::optional<history::Owner> owner_;  // guarded by mutex_
};

}  // namespace backproof
