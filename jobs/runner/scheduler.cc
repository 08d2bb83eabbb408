// SPDX-License-Identifier: Apache-2.0
#include "runner/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
constexpr Duration prune_interval = std::chrono::hours(1);
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
      published_(published),
      last_prune_(clock.now()) {}

Scheduler::~Scheduler() {
  stop();
}

Scheduler::Entry* Scheduler::entry_of(const std::string& target) {
  const auto found = entries_.find(target);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<void> Scheduler::configure(std::vector<Plan> plans) {
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
    entry.plan = std::make_shared<const Plan>(std::move(plan));
    order.push_back(name);
    fresh.emplace(name, std::move(entry));
  }
  std::vector<std::string> missed;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, entry] : fresh) {
      Entry* old = entry_of(name);
      if (old == nullptr) {
        if (entry.due.trigger == "missed") missed.push_back(name);
        continue;
      }
      entry.inventory = old->inventory;
      entry.inventory.listed = {};  // the source may be another one: list it soon
      entry.running = old->running;
      entry.queued = old->queued;
      if (entry.running || entry.queued) entry.due = next_due(entry.plan->target, now);
    }
    order_ = std::move(order);
    entries_ = std::move(fresh);
    std::erase_if(queue_, [&](const Queued& queued) { return entry_of(queued.target) == nullptr; });
  }
  for (const std::string& name : missed) record_misfire(name, "downtime");
  return {};
}

void Scheduler::tick() {
  const TimePoint now = clock_.now();
  refresh_from_history();
  record_unrecorded();
  list_sources(now);
  queue_due(now);
  prune(now);
  {
    const std::lock_guard lock(mutex_);
    last_tick_ = now;
  }
  publish();
}

void Scheduler::list_sources(TimePoint now) {
  std::vector<std::pair<std::shared_ptr<const Plan>, Inventory>> due;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : entries_)
      // Listed in the future: the clock was set back.
      if (entry.plan->source && (now - entry.inventory.listed >= settings_.inventory_interval ||
                                 entry.inventory.listed > now))
        due.emplace_back(entry.plan, entry.inventory);
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
  std::vector<std::string> overlaps;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : order_) {
      Entry& entry = entries_.at(name);
      if (entry.due.next == TimePoint{} || now < entry.due.next) continue;
      // A missing backup is no run: it shows in the inventory and has an alert of its own. A
      // target that never ran stays due, so that its first backup is verified when it appears.
      if (entry.plan->source && entry.inventory.backups == 0) {
        if (entry.due.trigger == "schedule") entry.due = next_due(entry.plan->target, now);
        continue;
      }
      if (entry.running || entry.queued) {
        overlaps.push_back(name);
      } else {
        entry.queued = true;
        queue_.push_back({name, entry.due.trigger, entry.due.next});
      }
      entry.due = next_due(entry.plan->target, now);
    }
  }
  wake_.notify_all();
  for (const std::string& name : overlaps) record_misfire(name, "overlap");
}

void Scheduler::record_misfire(const std::string& target, const std::string& reason) {
  history_answered(history_.misfire(target, reason), "record a misfire");
  reload_history(target);
}

void Scheduler::record_unrecorded() {
  std::vector<Run> runs;
  {
    const std::lock_guard lock(mutex_);
    runs.swap(unrecorded_);
  }
  for (const Run& run : runs) finished(run);
}

// Another process (a verification by hand) may have written to the same history.
void Scheduler::refresh_from_history() {
  const Result<std::int64_t> version = history_.version();
  history_answered(version ? Result<void>() : version.error(), "read the history");
  if (!version) return;
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(history_version_, *version) == *version) return;
    names = order_;
  }
  for (const std::string& name : names) reload_history(name);
}

void Scheduler::reload_history(const std::string& target) {
  Result<TargetHistory> history = history_.history_of(target);
  history_answered(history ? Result<void>() : history.error(), "read the history");
  const std::lock_guard lock(mutex_);
  if (Entry* entry = entry_of(target); entry != nullptr && history)
    entry->history = *std::move(history);
}

void Scheduler::prune(TimePoint now) {
  {
    const std::lock_guard lock(mutex_);
    if (now - last_prune_ < prune_interval) return;
    last_prune_ = now;
  }
  const auto pruned = history_.prune(settings_.retention, now);
  history_answered(pruned ? Result<void>() : pruned.error(), "prune the history");
}

void Scheduler::history_answered(const Result<void>& result, std::string_view doing) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::exchange(history_up_, result.has_value()) != result.has_value();
    if (!result) ++history_errors_;
  }
  if (!changed) return;
  if (result)
    log::info("the history works again");
  else
    log::error("the history does not work",
               {{"doing", std::string(doing)}, {"error", result.error().str()}});
}

void Scheduler::work(std::stop_token stop) {
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

bool Scheduler::perform(const Queued& queued, std::stop_token stop) {
  const TimePoint now = clock_.now();
  Job job;
  job.run_id = new_run_id(now);
  job.trigger = queued.trigger;
  job.scheduled = queued.scheduled;
  {
    const std::lock_guard lock(mutex_);
    Entry* entry = entry_of(queued.target);
    if (entry == nullptr) return true;
    job.target = entry->plan->target;
    if (queued.trigger == "retry" && entry->history.last_run)
      job.attempt = entry->history.last_run->attempt + 1;
  }
  Run begun;
  begun.id = job.run_id;
  begun.target = job.target.name;
  begun.trigger = job.trigger;
  begun.attempt = job.attempt;
  begun.scheduled = job.scheduled;
  begun.started = now;
  const Result<void> begins = history_.begin(begun);
  history_answered(begins, "begin a run");
  if (!begins) return false;
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(queued.target)) {
      entry->queued = false;
      entry->running = RunningJob{job.run_id, now, {}};
    }
  }
  publish();
  log::info("verification starts", {{"target", job.target.name}, {"run", job.run_id}});

  RunEvents events;
  Duration told{};
  events.progress = [&](const Progress& progress) {
    {
      const std::lock_guard lock(mutex_);
      Entry* entry = entry_of(queued.target);
      if (entry != nullptr && entry->running) entry->running->progress = progress;
    }
    if (clock_.elapsed() - told < progress_interval) return;
    told = clock_.elapsed();
    publish();
  };
  finished(runner_(job, stop, events));
  return true;
}

void Scheduler::finished(const Run& run) {
  const Result<void> recorded = history_.finish(run);
  history_answered(recorded, "record a run");
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(run.target))
      if (entry->running && entry->running->run_id == run.id) entry->running.reset();
    if (!recorded) {
      unrecorded_.push_back(run);
      return;
    }
  }
  log_end(run);
  reload_history(run.target);
}

void Scheduler::start() {
  publish();
  for (unsigned i = 0; i < std::max(1U, settings_.workers); ++i)
    threads_.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
  threads_.emplace_back([this](std::stop_token stop) {
    while (!stop.stop_requested()) {
      tick();
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [] { return false; });
    }
  });
}

void Scheduler::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  record_unrecorded();
}

void Scheduler::set_config_state(const ConfigState& state) {
  const std::lock_guard lock(mutex_);
  config_ = state;
}

void Scheduler::set_leftovers(std::uint64_t leftovers) {
  const std::lock_guard lock(mutex_);
  leftovers_ = leftovers;
}

TargetState Scheduler::state_of(const Entry& entry) const {
  TargetState state;
  state.target = entry.plan->target;
  state.history = entry.history;
  state.inventory = entry.inventory;
  state.running = entry.running;
  state.queued = entry.queued;
  state.next_due = entry.due.next;
  state.interval = entry.interval;
  return state;
}

void Scheduler::publish() {
  Snapshot snapshot;
  const auto space = space_of(settings_.scratch);
  if (space) {
    snapshot.scratch_available = space->available;
    snapshot.scratch_size = space->size;
  }
  snapshot.build = published_.get()->build;
  // Set under the lock, so that an older snapshot never replaces a newer one: counters would fall.
  const std::lock_guard lock(mutex_);
  for (const std::string& name : order_) snapshot.targets.push_back(state_of(entries_.at(name)));
  snapshot.queued = queue_.size();
  snapshot.workers = std::max(1U, settings_.workers);
  snapshot.workers_busy = busy_;
  snapshot.sandboxes = busy_;
  snapshot.sandbox_leftovers = leftovers_;
  snapshot.scheduler_last_tick = last_tick_;
  snapshot.history_up = history_up_;
  snapshot.history_errors = history_errors_;
  snapshot.config = config_;
  snapshot.made = clock_.now();
  published_.set(std::move(snapshot));
}

}  // namespace backproof
