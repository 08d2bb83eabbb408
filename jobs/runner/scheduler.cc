// SPDX-License-Identifier: Apache-2.0
#include "runner/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "model/begun_run.h"
#include "runner/remember.h"

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
// Less is what time servers correct; more is somebody who set the clock.
constexpr Duration clock_step = std::chrono::minutes(1);
// Progress is told at most this often: making a snapshot costs more than a step of a run.
constexpr Duration progress_interval = std::chrono::seconds(1);

Inventory list_source(const Source& source, Inventory before, TimePoint now) {
  Result<Listing> listing = source.list(now);
  if (!listing) {
    before.error = listing.error().str();
    return before;
  }
  Inventory found;
  found.listed = now;
  found.backups = listing->backups.size();
  if (!listing->backups.empty()) found.newest = listing->backups.front();
  return found;
}

void log_end(const Run& run) {
  const log::Fields fields{{"target", run.target},
                           {"run", run.id},
                           {"verdict", std::string(name_of(run.verdict))},
                           {"cause", std::string(name_of(run.cause))},
                           {"reason", run.reason},
                           {"took", text::format_duration(run.took)}};
  if (run.verdict == Verdict::passed)
    log::info("verification passed", fields);
  else
    log::warn("verification did not pass", fields);
}

}  // namespace

Scheduler::Scheduler(SchedulerSettings settings, HistoryStore& history, const Clock& clock,
                     Runner runner, Published<Snapshot>& published)
    : settings_(std::move(settings)),
      history_(history),
      clock_(clock),
      runner_(std::move(runner)),
      published_(published) {}

Scheduler::~Scheduler() {
  stop();
}

Scheduler::Entry* Scheduler::entry_of(const std::string& target) {
  const auto found = entries_.find(target);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<void> Scheduler::configure(std::vector<Plan> plans, const Retention& retention) {
  const TimePoint now = clock_.now();
  std::vector<std::string> order;
  std::map<std::string, Entry> fresh;
  for (Plan& plan : plans) {
    const std::string name = plan.target.name;
    TRY(history_.sight(name, now));
    Entry entry;
    TRY_ASSIGN(entry.history, history_.history_of(name));
    entry.due = first_due(plan.target, entry.history, now);
    if (plan.target.enabled && plan.target.schedule)
      entry.interval = plan.target.schedule->interval(now);
    if (plan.target.enabled && plan.target.selftest)
      entry.selftest_interval = plan.target.selftest->interval(now);
    entry.plan = std::make_shared<const Plan>(std::move(plan));
    order.push_back(name);
    fresh.emplace(name, std::move(entry));
  }
  std::vector<std::string> missed;
  {
    const std::lock_guard lock(mutex_);
    retention_ = retention;
    for (auto& [name, entry] : fresh) {
      if (const Entry* old = entry_of(name)) {
        take_over(entry, *old, now);
      } else if (entry.due.trigger == "missed") {
        missed.push_back(name);
      }
    }
    order_ = std::move(order);
    entries_ = std::move(fresh);
    std::erase_if(queue_, [&](const Queued& queued) {
      Entry* entry = entry_of(queued.target);
      if (entry != nullptr && entry->plan->target.enabled) return false;
      if (entry != nullptr) entry->queued = false;
      return true;
    });
  }
  for (const std::string& name : missed) record_misfire(name, "downtime");
  return {};
}

// What was known of the target of the same name stays: the history that was read for `entry` may
// be older than what a run has recorded meanwhile.
void Scheduler::take_over(Entry& entry, const Entry& old, TimePoint now) {
  const Target& target = entry.plan->target;
  const Target& before = old.plan->target;
  entry.history = old.history;
  entry.inventory = old.inventory;  // `tried` stays behind: the source may be another one
  entry.queued = old.queued;
  const auto expression = [](const Target& t) {
    return t.schedule ? t.schedule->expression() + ' ' + t.schedule->zone() : std::string();
  };
  const bool same = target.enabled == before.enabled && expression(target) == expression(before);
  const bool busy = old.queued || running_.contains(target.name);
  entry.due = same ? old.due : busy ? next_due(target, now) : first_due(target, entry.history, now);
}

void Scheduler::tick() {
  const std::lock_guard ticking(ticking_mutex_);
  const TimePoint now = clock_.now();
  notice_clock(now);
  refresh_from_history();
  record_unrecorded();
  list_sources(now);
  queue_due(now);
  clean_up(now);
  {
    const std::lock_guard lock(mutex_);
    last_tick_ = now;
  }
  publish();
}

// A clock that was set back would leave everything waiting for a time that lies far ahead.
void Scheduler::notice_clock(TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (last_tick_ - now < clock_step) return;
  log::warn("the clock was set back", {{"by", text::format_duration(last_tick_ - now)}});
  last_clean_up_ = now;
  for (auto& [name, entry] : entries_) {
    entry.due = next_due(entry.plan->target, now);
    entry.tried = {};
  }
}

void Scheduler::list_sources(TimePoint now) {
  std::vector<std::pair<std::shared_ptr<const Plan>, Inventory>> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, entry] : entries_) {
      if (!entry.plan->source || now - entry.tried < settings_.inventory_interval) continue;
      entry.tried = now;
      due.emplace_back(entry.plan, entry.inventory);
    }
  }
  for (auto& [plan, before] : due) {
    const std::string old_error = before.error;
    Inventory found = list_source(*plan->source, std::move(before), now);
    if (!found.error.empty() && found.error != old_error)
      log::warn("cannot list the source", {{"target", plan->target.name}, {"error", found.error}});
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(plan->target.name); entry != nullptr && entry->plan == plan)
      entry->inventory = std::move(found);
  }
}

void Scheduler::queue_due(TimePoint now) {
  std::vector<std::pair<std::string, std::string>> misfires;  // target, reason
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : order_) {
      Entry& entry = entries_.at(name);
      if (entry.due.next == TimePoint{} || now < entry.due.next) continue;
      // A missing backup is no run: it shows in the inventory and has an alert of its own. The
      // target stays due, so that its next backup is verified when it appears.
      if (entry.plan->source && entry.inventory.backups == 0) continue;
      if (running_.contains(name)) {
        misfires.emplace_back(name, "overlap");
      } else if (entry.queued) {
        // A target has one place in the queue: its last run still waits for a worker.
        misfires.emplace_back(name, "queue_full");
      } else {
        entry.queued = true;
        queue_.push_back({name, entry.due.trigger, entry.due.scheduled});
      }
      entry.due = next_due(entry.plan->target, now);
    }
  }
  wake_.notify_all();
  for (const auto& [name, reason] : misfires) record_misfire(name, reason);
}

void Scheduler::work(const std::stop_token& stop) {
  while (true) {
    Queued next;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [&] { return !queue_.empty(); }) || stop.stop_requested()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      ++busy_;
    }
    const bool done = perform(next, stop);
    {
      std::unique_lock lock(mutex_);
      --busy_;
      // What could not even be begun waits for the history to come back.
      if (!done && entry_of(next.target) != nullptr) {
        queue_.push_back(next);
        wake_.wait_for(lock, stop, tick_interval, [] { return false; });
      }
    }
    publish();
  }
}

bool Scheduler::perform(const Queued& queued, const std::stop_token& stop) {
  const TimePoint now = clock_.now();
  Job job;
  job.run_id = new_run_id(now);
  job.trigger = queued.trigger;
  job.scheduled = queued.scheduled;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = entry_of(queued.target);
    if (entry == nullptr || !entry->queued) return true;  // gone or disabled meanwhile
    job.target = entry->plan->target;
    if (queued.trigger == "retry" && entry->history.last_run)
      job.attempt = entry->history.last_run->attempt + 1;
  }
  job.memory = remember(history_, queued.target);
  const Result<void> begins = history_.begin(begun_run(job, now));
  history_wrote(begins, "begin a run");
  if (!begins) return false;
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(queued.target)) entry->queued = false;
    running_[queued.target] = RunningJob{job.run_id, now, {}};
  }
  publish();
  log::info("verification starts", {{"target", job.target.name}, {"run", job.run_id}});

  RunEvents events;
  Duration told{};
  events.progress = [&](const Progress& progress) {
    {
      const std::lock_guard lock(mutex_);
      running_[queued.target].progress = progress;
    }
    if (clock_.elapsed() - told < progress_interval) return;
    told = clock_.elapsed();
    publish();
  };
  const Run run = runner_(job, stop, events);
  // Said before it is recorded: a verdict must not be lost with a history that is away.
  log_end(run);
  finished(run);
  const std::lock_guard lock(mutex_);
  running_.erase(queued.target);
  return true;
}

void Scheduler::start() {
  publish();
  for (unsigned i = 0; i < std::max(1U, settings_.workers); ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  threads_.emplace_back([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      tick();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [this] { return look_now_; });
      look_now_ = false;
    }
  });
}

void Scheduler::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  record_unrecorded();
  const std::lock_guard lock(mutex_);
  for (const Run& run : unrecorded_)
    log::error("a run could not be recorded and is lost",
               {{"target", run.target}, {"run", run.id}});
}

void Scheduler::set_config_state(const ConfigState& state) {
  {
    const std::lock_guard lock(mutex_);
    config_ = state;
    look_now_ = true;
  }
  wake_.notify_all();
  publish();
}

TargetState Scheduler::state_of(const Entry& entry) const {
  const Target& target = entry.plan->target;
  TargetState state;
  state.target = target;
  state.history = entry.history;
  state.inventory = entry.inventory;
  if (const auto found = running_.find(target.name); found != running_.end())
    state.running = found->second;
  state.queued = entry.queued;
  state.next_due = entry.due.next;
  state.interval = entry.interval;
  state.selftest_interval = entry.selftest_interval;
  for (const Queued& queued : queue_)
    if (queued.target == target.name && queued.scheduled != TimePoint{})
      state.next_due = queued.scheduled;
  // What waits for a backup to appear is not late; the missing backup has a series of its own.
  const TimePoint now = clock_.now();
  if (!entry.queued && state.next_due <= now && entry.plan->source && entry.inventory.backups == 0)
    state.next_due = next_due(target, now).next;
  return state;
}

void Scheduler::publish() {
  Snapshot snapshot;
  const auto space = space_of(settings_.scratch);
  if (space) {
    snapshot.scratch_available = space->available;
    snapshot.scratch_size = space->size;
  }
  snapshot.sandboxes = settings_.sandboxes();
  snapshot.build = published_.get()->build;
  // Set under the lock, so that an older snapshot never replaces a newer one: counters would fall.
  const std::lock_guard lock(mutex_);
  for (const std::string& name : order_) snapshot.targets.push_back(state_of(entries_.at(name)));
  snapshot.queued = queue_.size();
  snapshot.workers = std::max(1U, settings_.workers);
  snapshot.workers_busy = busy_;
  snapshot.sandbox_leftovers = leftovers_;
  snapshot.scheduler_last_tick = last_tick_;
  snapshot.history_up = history_reads_ && history_writes_;
  snapshot.history_errors = history_errors_;
  snapshot.config = config_;
  snapshot.made = clock_.now();
  published_.set(std::move(snapshot));
}

}  // namespace backproof
