// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/jobs.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <numeric>
#include <optional>

namespace backproof {
namespace {

Result<void> allow_helpers(pg::Connection& connection, const std::string& helpers) {
  TRY(connection.run("SET max_parallel_maintenance_workers = " + helpers));
  return connection.run("SET max_parallel_workers_per_gather = " + helpers);
}

// What all members take their next job from.
class Board {
 public:
  Board(std::vector<PgJob> jobs, std::size_t members)
      : jobs_(std::move(jobs)), processors_(members) {
    std::stable_sort(jobs_.begin(), jobs_.end(),
                     [](const PgJob& a, const PgJob& b) { return a.cost > b.cost; });
  }

  // One member's share: jobs until none is left.
  Result<void> work(pg::Connection& connection) {
    while (auto taken = take()) {
      Result<void> done = allow_helpers(connection, std::to_string(taken->helpers));
      if (done) done = taken->job.work(connection);
      put_back(taken->job, !done);
      TRY(done);
    }
    return {};
  }

 private:
  struct Busy {
    std::size_t jobs = 0;
    bool alone = false;
  };

  struct Taken {
    PgJob job;
    std::size_t helpers;  // parallel workers that the server may use for it
  };

  bool can_start(const PgJob& job) {
    const Busy& busy = busy_[job.table];
    return job.alone ? busy.jobs == 0 : !busy.alone;
  }

  std::optional<Taken> take() {
    std::unique_lock lock(mutex_);
    auto next = jobs_.end();
    changed_.wait(lock, [&] {
      next =
          std::find_if(jobs_.begin(), jobs_.end(), [this](const PgJob& j) { return can_start(j); });
      return failed_ || jobs_.empty() || next != jobs_.end();
    });
    if (failed_ || jobs_.empty()) return std::nullopt;
    Taken taken{std::move(*next), 0};
    jobs_.erase(next);
    Busy& busy = busy_[taken.job.table];
    ++busy.jobs;
    busy.alone = taken.job.alone;
    ++running_;
    taken.helpers = helpers_for(taken.job);
    return taken;
  }

  std::size_t helpers_for(const PgJob& job) const {
    const std::uint64_t left =
        std::accumulate(jobs_.begin(), jobs_.end(), std::uint64_t{0},
                        [](std::uint64_t sum, const PgJob& j) { return sum + j.cost; });
    if (job.divisible && left <= job.cost) return processors_ - 1;
    if (jobs_.size() + running_ >= processors_) return 0;
    return (processors_ - jobs_.size()) / running_ - 1;
  }

  void put_back(const PgJob& job, bool failed) {
    const std::lock_guard lock(mutex_);
    Busy& busy = busy_[job.table];
    --busy.jobs;
    busy.alone = false;
    --running_;
    failed_ = failed_ || failed;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<PgJob> jobs_;           // guarded by mutex_: not begun
  std::map<std::string, Busy> busy_;  // guarded by mutex_
  std::size_t running_ = 0;           // guarded by mutex_
  bool failed_ = false;               // guarded by mutex_
  const std::size_t processors_;
};

}  // namespace

Result<void> run_jobs(PgCrew& crew, std::vector<PgJob> jobs) {
  if (jobs.empty()) return {};
  Board board(std::move(jobs), crew.size());
  for (std::size_t i = 0; i < crew.size(); ++i)
    crew.give([&board](pg::Connection& connection) { return board.work(connection); });
  return crew.wait();
}

}  // namespace backproof
