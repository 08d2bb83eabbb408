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
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/published.h"
#include "history/history.h"
#include "model/snapshot.h"
#include "runner/arrival_watch.h"
#include "runner/due.h"
#include "runner/plan.h"
#include "runner/scratch_promises.h"
#include "runner/selection.h"

namespace backproof {

// What runs a job to its end: run_in_worker() with everything but these bound; a fake in tests.
using Runner = std::function<Run(const Job&, std::stop_token, const RunEvents&)>;

struct SchedulerSettings {
  unsigned workers = 1;                                   // verifications at a time
  Duration inventory_interval = std::chrono::minutes(5);  // how often sources are listed
  Path scratch{};                                         // for the space it has
  Looker looker{};  // reads when backups were made; empty: their names and files say it
  // Removes sandboxes that nobody owns any more, now and then; how many it could not remove.
  std::function<std::uint64_t()> sweep = [] { return std::uint64_t{0}; };
  // How many sandboxes there are now.
  std::function<std::uint64_t()> sandboxes = [] { return std::uint64_t{0}; };
  // Bytes that the sandbox of this run holds now.
  std::function<std::uintmax_t(const std::string& run)> sandbox_bytes = [](const std::string&) {
    return std::uintmax_t{0};
  };
};

// Knows what is due, has it verified, records it and publishes the Snapshot. One thread of its own
// looks around every second, some list the sources, and one a worker runs jobs, at most one a
// target. At a due time a target's policy says which backups are verified: one after the other,
// each in the queue's turn. Public functions may be called from any thread.
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
  // One look at sources and clock: list() and look(). For tests, and by hand before start().
  void tick();
  // Starts the threads. stop() cancels what runs, waits for it and records it. False: a source that
  // hangs holds a thread still; the destructor would wait for it.
  void start();
  [[nodiscard]] bool stop();

  // Lists the sources that are to be listed by now, but for those that are elsewhere: a command can
  // take minutes, and threads of their own ask them. Without those that somebody lists already.
  void list(const std::stop_token& stop = {});
  // One look at the clock: queues what is due, closes what could not be recorded, publishes. Waits
  // for a look that is going on, and for no source.
  void look();

  // Whether every source was listed once, waiting for that no longer than `most`.
  bool wait_for_listing(Duration most);

  // Publishes it with what configure() took, and has the threads look around at once.
  void set_config_state(const ConfigState& state);
  // Something has happened at this target's source: it is listed within a second.
  void source_changed(const std::string& target);

  // Queues a verification that somebody asked for, in front of all that waits; the id of its run.
  // An Error says why there is none: no such target, one that runs or waits already, no source.
  Result<std::string> verify_now(const std::string& target);
  // Ends a run that goes on, or forgets one that waits. An Error: none of this id does.
  Result<void> cancel(const std::string& run_id);
  // Whether a run of this id waits or goes on.
  bool is_pending(const std::string& run_id);

  // A self-test of this target by its schedule begins; it has ended and stands in the history.
  // Both are published.
  void selftest_begins(const std::string& target);
  void selftest_ended(const std::string& target);
  // The same of its drill.
  void drill_begins(const std::string& target);
  void drill_ended(const std::string& target);

 private:
  // What could not be told and is tried again.
  struct Again {
    TimePoint at, scheduled;
    int attempt = 2;
    Pick pick;  // without an id where the source could not be asked: whatever is chosen then
  };
  struct Entry {
    std::shared_ptr<const Plan> plan;
    TargetHistory history;
    Inventory inventory;
    std::vector<Backup> retained;  // all that the source held when it was last listed
    std::shared_ptr<const Coverage> coverage = std::make_shared<Coverage>();
    bool dated = false;          // every one of them was looked at
    TimePoint list_next;         // when its source is asked next
    std::vector<Pick> arrivals;  // new backups that wait to be verified on arrival
    Due due;
    Due late;                    // what came while it ran, and starts when that has ended; or never
    std::vector<Again> retries;  // at most one a backup
    Duration interval{};         // of the schedule
    Duration selftest_interval{}, drill_interval{};
    SideWork selftest_work, drill_work;
    bool queued = false;
    TimePoint queued_for;                // when that was to start; 1970: no time of the schedule
    std::shared_ptr<TargetState> shown;  // as last published; null: it has changed since
    std::size_t place = 0;               // in in_order_
  };
  struct Queued {
    std::string target{}, trigger{};
    TimePoint scheduled{};     // the time that it stands for
    std::vector<Pick> rest{};  // what was chosen and waits still; empty: nothing was chosen yet
    int attempt = 1;
    TimePoint since{};           // when it was queued
    std::string run_id{};        // of the run that it becomes; empty: not known yet
    bool by_hand = false;        // somebody waits for it
    bool goes_on = false;        // `rest` of what has begun already
    std::uintmax_t scratch = 0;  // that it was promised; 0: what its target says
  };
  struct BeingListed {
    std::string target;  // empty: it has another source by now
    Duration since{};    // of Clock::elapsed(): somebody may set the clock
    std::shared_ptr<const Plan> plan;
  };
  // What a worker has taken from the queue, from then on and until it is recorded.
  struct AtWork {
    std::string run_id;
    std::stop_source stop;
    bool cancelled = false;  // by somebody
  };
  // A source is asked as long as it lives: it may hang. By a worker when the target is named.
  class Asking {
   public:
    explicit Asking(Scheduler& scheduler, std::string worker_for = "");
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;
    ~Asking();

   private:
    Scheduler& scheduler_;
    const std::string worker_for_;
  };
  struct Misfire {
    std::string target;
    const char* reason;
    TimePoint scheduled;
  };

  void begins(const std::string& target, SideWork Entry::*work);
  void ended(const std::string& target, SideWork Entry::*work);
  Result<Entry> entry_for(Plan plan, TimePoint now);
  void take_order(const std::vector<std::string>& order);
  void take_over(Entry& entry, const Entry& old, TimePoint now);
  void record(const Misfire& misfire);
  void record_unrecorded();
  void refresh_from_history();
  void clean_up(TimePoint now);
  void notice_clock(TimePoint now);

  void queue_due(TimePoint now);
  std::optional<Misfire> come_due(Entry& entry, TimePoint now);
  void queue(Entry& entry, Queued queued, TimePoint start = {});
  void leave_queue(const std::string& target);
  void queue_what_waits(Entry& entry, TimePoint now);
  std::optional<Queued> take_next(TimePoint now);
  std::vector<std::size_t> in_order_of_urgency(TimePoint now);
  bool promise_scratch(Queued& queued);
  void measure_scratch();
  bool waits_for_backups(const Entry& entry) const;
  bool goes_on(const Entry& entry) const;
  void try_again(Entry& entry, const Run& run);

  void begin_thread(std::function<void(const std::stop_token&)> body);
  void look_around(std::function<void(const std::stop_token&)> turn);
  void work(const std::stop_token& stop);
  // False: it could not even be begun.
  bool perform(const Queued& queued, const std::stop_token& end, const std::stop_token& service);
  std::shared_ptr<const Plan> plan_for(const Queued& queued, Job& job);
  Result<void> choose_for(const Plan& plan, const Queued& queued, Job& job,
                          std::vector<Pick>& picks, const std::stop_token& stop);
  void run_job(const Job& job, const Result<void>& chosen, const std::stop_token& end,
               const std::stop_token& service);
  void go_on_with(const Queued& queued, std::vector<Pick> rest, const std::stop_token& stop);
  bool end_run(const std::string& run_id);
  bool was_cancelled(const std::string& target);
  void not_listed(const std::string& target, const Error& error);
  void finished(const Run& run);

  void list_those(bool elsewhere, const std::stop_token& stop);
  std::optional<std::string> claim_listing(const std::shared_ptr<const Plan>& plan, TimePoint now);
  bool is_claimed(const std::shared_ptr<const Plan>& plan);
  static std::set<Path> shares_of(const std::vector<Entry*>& entries);
  bool is_on_hung_share(const Plan& plan) const;
  bool is_long_since(Duration asked) const;
  Result<void> answers(const Plan& plan);
  void notice_hung_sources();
  bool hangs(const BeingListed& listed) const;
  void add_threads(std::size_t hung);
  void take_survey(Entry& entry, Result<Survey> found, TimePoint now);
  void assess(Entry& entry);
  void reload_history(const std::string& target);
  void history_read(const Result<void>& result);
  void history_wrote(const Result<void>& result, std::string_view doing);
  void history_answered(bool& works, const Result<void>& result, std::string_view doing);
  void touch(Entry& entry);
  TimePoint quiet_until(const Entry& entry, TimePoint now) const;
  TargetState state_of(const Entry& entry, TimePoint now) const;
  TimePoint next_due_of(const Entry& entry, TimePoint now) const;
  TargetStates targets_shown(TimePoint now);
  void publish();
  Entry* entry_of(const std::string& target);

  const SchedulerSettings settings_;
  HistoryStore& history_;
  const Clock& clock_;
  const Runner runner_;
  Published<Snapshot>& published_;

  std::mutex looking_mutex_;  // held while look() works; taken before all others
  // Reading a target's history and taking it are one step, else an older reading could replace a
  // newer one and counters would fall. Taken before mutex_, never with it held.
  std::mutex reading_mutex_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::map<std::string, Entry> entries_;  // by name
  std::vector<Entry*> in_order_;          // as configured
  // Of each of them, until when nothing comes due and nothing that is shown changes by the time
  // alone; 1970: it has changed. Side by side, so that a look at ten thousand takes no time.
  std::vector<TimePoint> quiet_until_;
  // By target, also those that are gone since: what begins or goes on, and of that what has begun.
  std::map<std::string, AtWork> at_work_;
  std::map<std::string, RunningJob> running_;
  std::deque<Queued> queue_;
  ScratchPromises promises_;
  std::uint64_t waiting_for_scratch_ = 0;  // of the queue, at the last look
  std::vector<Run> unrecorded_;            // finished, but the history would not take them
  Retention retention_;
  ConfigState config_;
  TimePoint last_tick_, last_clean_up_, published_at_;
  std::int64_t history_version_ = 0;
  std::uint64_t history_errors_ = 0, leftovers_ = 0, busy_ = 0;
  bool history_reads_ = true, history_writes_ = true;
  std::vector<BeingListed> being_listed_;
  std::map<std::string, Duration> choosing_;  // workers that ask a target's source, and since when
  std::set<Path> hung_;                       // shares of sources that hang
  std::size_t stuck_ = 0;                     // workers that such a source holds
  TimePoint next_listing_;                    // nothing is to be listed before
  bool listed_once_ = false, stopping_ = false;
  std::uint64_t looks_wanted_ = 0;  // raised when the threads shall not wait for their next second

  ArrivalWatch arrival_watch_{[this](const std::string& target) { source_changed(target); }};
  // Threads that list folders and that verify; 0 before start().
  std::size_t listers_ = 0, working_ = 0;
  int alive_ = 0, asking_ = 0;         // threads; those of them that ask a source now
  std::vector<std::jthread> threads_;  // none is added while stopping_
};

}  // namespace backproof
