// SPDX-License-Identifier: Apache-2.0
#include "runner/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "model/start.h"
#include "runner/side_schedule.h"

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
// Less is what time servers correct; more is somebody who set the clock.
constexpr Duration clock_step = std::chrono::minutes(1);

// Of all targets together, within a second: about a second and a half.
constexpr std::size_t looks_at_a_time = 50;

// False where no drill is due ever.
bool has_drills(const Target& target) {
  return target.enabled && target.drill && target.drill->schedule;
}

// 1970 while none is in force.
TimePoint blackout_end(const Target& target, TimePoint now) {
  return target.blackout.blocked_since(now) ? target.blackout.free_from(now) : TimePoint{};
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
    const bool drilled = has_drills(plan.target);
    TRY(history_.drills_scheduled(name, drilled, now));
    Entry entry;
    TRY_ASSIGN(entry.history, history_.history_of(name));
    entry.due = first_due(plan.target, entry.history, now);
    if (plan.target.enabled) {
      entry.interval = interval_of(plan.target, plan.target.schedule, now);
      entry.selftest_interval = interval_of(plan.target, plan.target.selftest, now);
    }
    if (drilled) entry.drill_interval = interval_of(plan.target, plan.target.drill->schedule, now);
    entry.plan = std::make_shared<const Plan>(std::move(plan));
    order.push_back(name);
    fresh.emplace(name, std::move(entry));
  }
  std::vector<Misfire> misfires;
  {
    const std::lock_guard lock(mutex_);
    retention_ = retention;
    for (auto& [name, entry] : fresh) {
      if (const Entry* old = entry_of(name)) {
        take_over(entry, *old, now);
      } else if (const TimePoint missed = missed_time(entry.plan->target, entry.history, now);
                 missed != TimePoint{}) {
        misfires.push_back({name, "downtime", missed});
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
  for (const Misfire& misfire : misfires) record(misfire);
  return {};
}

// What was known of the target of the same name stays: the history that was read for `entry` may
// be older than what a run has recorded meanwhile.
void Scheduler::take_over(Entry& entry, const Entry& old, TimePoint now) {
  const Target& target = entry.plan->target;
  const Target& before = old.plan->target;
  const TimePoint drill_since = entry.history.drill_since;
  entry.history = old.history;
  entry.history.drill_since = drill_since;  // just written
  entry.inventory = old.inventory;          // `tried` stays behind: the source may be another one
  entry.retained = old.retained;
  entry.coverage = old.coverage;
  entry.queued = old.queued;
  entry.selftest_work = old.selftest_work;
  entry.drill_work = old.drill_work;
  const auto expression = [](const Target& t) {
    return t.schedule ? t.schedule->expression() + ' ' + t.schedule->zone() : std::string();
  };
  const bool same = target.enabled == before.enabled && expression(target) == expression(before) &&
                    target.jitter == before.jitter &&
                    target.blackout.windows() == before.blackout.windows();
  if (same) entry.late = old.late;
  const bool busy = old.queued || running_.contains(target.name);
  entry.due = same ? old.due : busy ? next_due(target, now) : first_due(target, entry.history, now);
}

void Scheduler::tick() {
  const std::lock_guard ticking(ticking_mutex_);
  const TimePoint now = clock_.now();
  notice_clock(now);
  refresh_from_history();
  record_unrecorded();
  list_sources(now, false, {});
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
    entry.late = {};
    entry.tried = {};
  }
}

void Scheduler::list_sources(TimePoint now, bool elsewhere, const std::stop_token& stop) {
  std::vector<std::pair<std::shared_ptr<const Plan>, Inventory>> due;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [name, entry] : entries_) {
      if (!entry.plan->source || now - entry.tried < settings_.inventory_interval) continue;
      if (entry.plan->source->fetches() != elsewhere) continue;
      entry.tried = now;
      due.emplace_back(entry.plan, entry.inventory);
    }
  }
  std::size_t looks = looks_at_a_time;
  for (auto& [plan, inventory] : due) {
    Result<Survey> found = survey(*plan, history_, settings_.looker, now, looks, stop);
    if (stop.stop_requested()) return;
    if (!found && found.error().str() != inventory.error)
      log::warn("cannot list the source",
                {{"target", plan->target.name}, {"error", found.error().str()}});
    const std::lock_guard lock(mutex_);
    Entry* entry = entry_of(plan->target.name);
    if (entry == nullptr || entry->plan != plan) continue;
    if (!found) {
      entry->inventory.error = found.error().str();
      continue;
    }
    entry->inventory = {now, found->backups.size(), {}, ""};
    if (!found->backups.empty()) entry->inventory.newest = found->backups.front();
    entry->retained = std::move(found->backups);
    entry->dated = found->complete;
    // The rest are looked at in the next second.
    if (!entry->dated) entry->tried = {};
    assess(*entry);
  }
}

// The caller holds mutex_.
void Scheduler::assess(Entry& entry) {
  const Target& target = entry.plan->target;
  const DueTime due{clock_.now(), {}, entry.interval, entry.history.created};
  entry.coverage = std::make_shared<Coverage>(
      coverage_of(target.select, retained_of(entry.retained, entry.history.backups), due));
}

// A missing backup is no run: it shows in the inventory and has an alert of its own. The target
// stays due, so that its next backup is verified when it appears. And which is the newest is known
// when all were looked at. The caller holds mutex_, here and below.
bool Scheduler::waits_for_backups(const Entry& entry) const {
  return entry.plan->source && (entry.inventory.backups == 0 || !entry.dated);
}

// The last due time's backups are still being verified: the next one begins when that has ended,
// and finds what appeared meanwhile.
bool Scheduler::goes_on(const Entry& entry) const {
  const Target& target = entry.plan->target;
  return target.select.policy != Policy::newest && (entry.queued || running_.contains(target.name));
}

void Scheduler::queue(Entry& entry, const Due& due) {
  entry.queued = true;
  queue_.push_back({entry.plan->target.name, due.trigger, due.scheduled, due.next, {}});
  entry.late = {};  // this one makes up for it
}

// What to do with a target that is due: queue it, or know it for a misfire. Times that come while
// it runs become one late run; those that come while it waits are made up for by what waits.
std::optional<Scheduler::Misfire> Scheduler::come_due(Entry& entry, TimePoint now) {
  const Target& target = entry.plan->target;
  Due due = entry.due;
  // As after a restart: the host slept.
  const bool was_away = due.trigger == "schedule" && last_tick_ != TimePoint{} &&
                        due.next > last_tick_ && now - due.next >= clock_step;
  entry.due = next_due(target, now);
  if (running_.contains(target.name)) {
    if (entry.late.next == TimePoint{}) entry.late = {due.next, "missed", due.scheduled};
    return Misfire{target.name, "overlap", due.scheduled};
  }
  // A target has one place in the queue: its last run still waits for a worker.
  if (entry.queued) return Misfire{target.name, "queue_full", due.scheduled};
  if (was_away) due.trigger = "missed";
  queue(entry, due);
  if (was_away) return Misfire{target.name, "downtime", due.scheduled};
  return std::nullopt;
}

void Scheduler::queue_due(TimePoint now) {
  std::vector<Misfire> misfires;
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : order_) {
      Entry& entry = entries_.at(name);
      const bool is_due = entry.due.next != TimePoint{} && entry.due.next <= now;
      const bool is_late = entry.late.next != TimePoint{} && !running_.contains(name);
      if (!is_due && !is_late) continue;
      // Late for whatever reason: a blackout is waited out.
      if (waits_for_backups(entry) || goes_on(entry) ||
          entry.plan->target.blackout.blocked_since(now))
        continue;
      if (is_due) {
        if (auto misfire = come_due(entry, now)) misfires.push_back(*std::move(misfire));
      } else if (!entry.queued) {
        queue(entry, {now, entry.late.trigger, entry.late.scheduled});
      }
    }
  }
  wake_.notify_all();
  for (const Misfire& misfire : misfires) record(misfire);
}

void Scheduler::start() {
  publish();
  for (unsigned i = 0; i < std::max(1U, settings_.workers); ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  // Sources that are elsewhere: a command can take minutes.
  threads_.emplace_back([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      list_sources(clock_.now(), true, stop);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [] { return false; });
    }
  });
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
  state.coverage = entry.coverage;
  if (const auto found = running_.find(target.name); found != running_.end())
    state.running = found->second;
  state.queued = entry.queued;
  state.next_due = entry.due.next;
  state.interval = entry.interval;
  state.selftest_interval = entry.selftest_interval;
  state.selftest_work = entry.selftest_work;
  state.drill_interval = entry.drill_interval;
  state.drill_work = entry.drill_work;
  for (const Queued& queued : queue_)
    if (queued.target == target.name && queued.scheduled != TimePoint{})
      state.next_due = queued.start;
  // What waits for a backup to appear, or for its own last due time, is not late; a missing backup
  // has a series of its own.
  const TimePoint now = clock_.now();
  state.drill_next = drill_due(state, entry.drill_work.begun, now);
  if (state.next_due <= now && (goes_on(entry) || (!entry.queued && waits_for_backups(entry))))
    state.next_due = next_due(target, now).next;
  if (state.next_due != TimePoint{} && state.next_due <= now)
    state.next_due = std::max(state.next_due, blackout_end(target, now));
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
