// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/published.h"
#include "history/history.h"
#include "model/snapshot.h"
#include "runner/due.h"
#include "runner/plan.h"
#include "runner/selection.h"

namespace backproof {

// What runs a job to its end: run_in_worker() with everything but these bound; a fake in tests.
using Runner = std::function<Run(const Job&, std::stop_token, const RunEvents&)>;

struct SchedulerSettings {
  unsigned workers = 1;                                   // verifications at a time
  Duration inventory_interval = std::chrono::minutes(5);  // how often sources are listed
  Path scratch;                                           // for the space it has
  Looker looker;  // reads when backups were made; empty: their names and files say it
  // Removes sandboxes that nobody owns any more, now and then; how many it could not remove.
  std::function<std::uint64_t()> sweep = [] { return std::uint64_t{0}; };
  // How many sandboxes there are now.
  std::function<std::uint64_t()> sandboxes = [] { return std::uint64_t{0}; };
};

// Knows what is due, has it verified, records it and publishes the Snapshot. One thread of its
// own looks around every second; one a worker runs jobs, at most one a target. At a due time a
// target's policy says which backups are verified: one after the other, each in the queue's turn.
// Public functions may be called from any thread.
//
// Locks: mutex_ guards everything below it and is never held while a source is listed, the
// history works or a job runs.
class Scheduler {
 public:
  Scheduler(SchedulerSettings settings, HistoryStore& history, const Clock& clock, Runner runner,
            Published<Snapshot>& published);
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;
  ~Scheduler();

  // Takes these targets from now on; those that keep their name keep their state. Runs of targets
  // that are gone or disabled go on and are recorded, what was only queued is dropped.
  Result<void> configure(std::vector<Plan> plans, const Retention& retention);
  // One look at the clock: lists sources, queues what is due, closes what could not be recorded,
  // publishes. What the thread does every second; the first is made by hand, before start(). Waits
  // for one that is going on.
  void tick();
  // Starts the threads. stop() cancels what runs, waits for it and records it.
  void start();
  void stop();

  // Publishes it with what configure() took, and has the thread look around at once. Waits for no
  // source: one that hangs must not keep the caller from its next signal.
  void set_config_state(const ConfigState& state);

  // A self-test of this target by its schedule begins; it has ended and stands in the history.
  // Both are published.
  void selftest_begins(const std::string& target);
  void selftest_ended(const std::string& target);
  // The same of its drill.
  void drill_begins(const std::string& target);
  void drill_ended(const std::string& target);

 private:
  struct Entry {
    std::shared_ptr<const Plan> plan;
    TargetHistory history;
    Inventory inventory;
    std::vector<Backup> retained;  // all that the source held when it was last listed
    std::shared_ptr<const Coverage> coverage = std::make_shared<Coverage>();
    bool dated = false;  // every one of them was looked at
    TimePoint tried;     // when its source was last asked, with or without success
    Due due;
    Due late;             // what came while it ran, and starts when that has ended; or never
    Duration interval{};  // of the schedule
    Duration selftest_interval{}, drill_interval{};
    SideWork selftest_work, drill_work;
    bool queued = false;
  };
  struct Queued {
    std::string target, trigger;
    TimePoint scheduled, start;  // the time that it stands for; when it was to start
    std::vector<Pick> rest;      // what was chosen and waits still; empty: nothing was chosen yet
  };

  struct Misfire {
    std::string target;
    const char* reason;
    TimePoint scheduled;
  };

  void begins(const std::string& target, SideWork Entry::*work);
  void ended(const std::string& target, SideWork Entry::*work);
  void take_over(Entry& entry, const Entry& old, TimePoint now);
  // Of those that answer at once, or of those that are elsewhere.
  void list_sources(TimePoint now, bool elsewhere, const std::stop_token& stop);
  void record(const Misfire& misfire);
  void record_unrecorded();
  void refresh_from_history();
  void clean_up(TimePoint now);
  void notice_clock(TimePoint now);
  void queue_due(TimePoint now);
  std::optional<Misfire> come_due(Entry& entry, TimePoint now);
  void queue(Entry& entry, const Due& due);
  std::deque<Queued>::iterator startable();
  void work(const std::stop_token& stop);
  // False: it could not even be begun.
  bool perform(const Queued& queued, const std::stop_token& stop);
  std::shared_ptr<const Plan> plan_for(const Queued& queued, Job& job);
  Result<void> choose_for(const Plan& plan, const Queued& queued, Job& job,
                          std::vector<Pick>& picks, const std::stop_token& stop);
  void run_job(const Job& job, const Result<void>& chosen, const std::stop_token& stop);
  void go_on_with(const Queued& queued, std::vector<Pick> rest, const std::stop_token& stop);
  bool waits_for_backups(const Entry& entry) const;
  bool goes_on(const Entry& entry) const;
  void assess(Entry& entry);
  void finished(const Run& run);
  void reload_history(const std::string& target);
  void history_read(const Result<void>& result);
  void history_wrote(const Result<void>& result, std::string_view doing);
  void history_answered(bool& works, const Result<void>& result, std::string_view doing);
  TargetState state_of(const Entry& entry) const;
  void publish();
  Entry* entry_of(const std::string& target);

  const SchedulerSettings settings_;
  HistoryStore& history_;
  const Clock& clock_;
  const Runner runner_;
  Published<Snapshot>& published_;

  std::mutex ticking_mutex_;  // held while tick() works; taken before all others
  // Reading a target's history and taking it are one step, else an older reading could replace a
  // newer one and counters would fall. Taken before mutex_, never with it held.
  std::mutex reading_mutex_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<std::string> order_;             // names as configured
  std::map<std::string, Entry> entries_;       // by name
  std::map<std::string, RunningJob> running_;  // by target, also those that are gone since
  std::deque<Queued> queue_;
  std::vector<Run> unrecorded_;  // finished, but the history would not take them
  Retention retention_;
  ConfigState config_;
  TimePoint last_tick_, last_clean_up_;
  std::int64_t history_version_ = 0;
  std::uint64_t history_errors_ = 0, leftovers_ = 0, busy_ = 0;
  bool history_reads_ = true, history_writes_ = true;
  bool look_now_ = false;  // the thread shall not wait for its next second

  std::vector<std::jthread> threads_;  // touched by start() and stop() only
};

}  // namespace backproof
