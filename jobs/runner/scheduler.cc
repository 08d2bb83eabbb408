// SPDX-License-Identifier: Apache-2.0
// What the scheduler is given, and its threads.
#include "runner/scheduler.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "model/start.h"
#include "runner/retry.h"

namespace backproof {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
// Commands that list take seconds each, or their whole time where nobody answers.
constexpr int listers_elsewhere = 4;
constexpr std::chrono::seconds patience_with_sources{5};
// A service that was away for longer leaves to the schedule what could not be told before.
constexpr Duration longest_untold = std::chrono::days(7);
// Less is what time servers correct; more is somebody who set the clock.
constexpr Duration clock_step = std::chrono::minutes(1);

// False where no drill is due ever.
bool has_drills(const Target& target) {
  return target.enabled && target.drill && target.drill->schedule;
}

SchedulerSettings with_a_worker(SchedulerSettings settings) {
  settings.workers = std::max(1U, settings.workers);
  return settings;
}

}  // namespace

Scheduler::Scheduler(SchedulerSettings settings, HistoryStore& history, const Clock& clock,
                     Runner runner, Published<Snapshot>& published)
    : settings_(with_a_worker(std::move(settings))),
      history_(history),
      clock_(clock),
      runner_(std::move(runner)),
      published_(published) {
  measure_scratch();
}

Scheduler::~Scheduler() {
  while (!stop()) continue;
}

Scheduler::Entry* Scheduler::entry_of(const std::string& target) {
  const auto found = entries_.find(target);
  return found == entries_.end() ? nullptr : &found->second;
}

Result<Scheduler::Entry> Scheduler::entry_for(Plan plan, TimePoint now) {
  const Target& target = plan.target;
  TRY(history_.drills_scheduled(target.name, has_drills(target), now));
  Entry entry;
  TRY_ASSIGN(entry.history, history_.history_of(target.name));
  entry.due = first_due(target, entry.history, now);
  if (target.enabled) {
    entry.interval = interval_of(target, target.schedule, now);
    entry.selftest_interval = interval_of(target, target.selftest, now);
  }
  if (has_drills(target)) entry.drill_interval = interval_of(target, target.drill->schedule, now);
  entry.plan = std::make_shared<const Plan>(std::move(plan));
  return entry;
}

Result<void> Scheduler::configure(std::vector<Plan> plans, const Retention& retention) {
  const TimePoint now = clock_.now();
  std::vector<std::string> order;
  for (const Plan& plan : plans) order.push_back(plan.target.name);
  TRY(history_.sight(order, now));
  std::map<std::string, Entry> fresh;
  for (Plan& plan : plans) {
    const std::string name = plan.target.name;
    TRY_ASSIGN(fresh[name], entry_for(std::move(plan), now));
  }
  const auto untold = history_.untold(now - longest_untold);
  if (!untold)
    log::warn("what could not be told is not tried again", {{"error", untold.error().str()}});
  std::vector<Misfire> misfires;
  {
    const std::lock_guard lock(mutex_);
    retention_ = retention;
    for (const Run& run : untold ? *untold : std::vector<Run>())
      if (const auto found = fresh.find(run.target);
          found != fresh.end() && !is_chosen_anew(found->second.plan->target, run))
        try_again(found->second, run);
    for (auto& [name, entry] : fresh) {
      if (const Entry* old = entry_of(name)) {
        take_over(entry, *old, now);
        continue;
      }
      if (entry.history.last_run) try_again(entry, *entry.history.last_run);
      const TimePoint missed = missed_time(entry.plan->target, entry.history, now);
      if (missed != TimePoint{}) misfires.push_back({name, "downtime", missed});
    }
    entries_ = std::move(fresh);
    take_order(order);
  }
  for (const Misfire& misfire : misfires) record(misfire);
  return {};
}

// What goes by the entries, which are others now. The caller holds mutex_.
void Scheduler::take_order(const std::vector<std::string>& order) {
  next_listing_ = {};
  in_order_.clear();
  std::set<std::string> arriving;
  for (const std::string& name : order) {
    entries_.at(name).place = in_order_.size();
    in_order_.push_back(&entries_.at(name));
    const Target& target = in_order_.back()->plan->target;
    if (target.on_arrival && target.enabled) arriving.insert(name);
  }
  quiet_until_.assign(in_order_.size(), {});
  arrival_watch_.keep(arriving);
  // One that hangs takes no second thread, but what has taken its place is asked.
  for (BeingListed& listed : being_listed_) {
    const Entry* const entry = entry_of(listed.target);
    if (entry == nullptr || entry->plan->target.source != listed.plan->target.source)
      listed.target.clear();
  }
  std::erase_if(queue_, [&](const Queued& queued) {
    const Entry* const entry = entry_of(queued.target);
    if (entry != nullptr && entry->plan->target.enabled) return false;
    leave_queue(queued.target);
    return true;
  });
}

// What was known of the target of the same name stays: the history that was read for `entry` may
// be older than what a run has recorded meanwhile.
void Scheduler::take_over(Entry& entry, const Entry& old, TimePoint now) {
  const Target& target = entry.plan->target;
  const Target& before = old.plan->target;
  const TimePoint drill_since = entry.history.drill_since;
  entry.history = old.history;
  entry.history.drill_since = drill_since;  // just written
  // `list_next` stays behind: the source may be another one.
  entry.inventory = old.inventory;
  entry.retained = old.retained;
  entry.dated = old.dated && target.source == before.source;
  entry.coverage = old.coverage;
  if (before.enabled)
    entry.retries = old.retries;
  else if (entry.history.last_run)
    try_again(entry, *entry.history.last_run);
  entry.queued = old.queued;
  entry.queued_for = old.queued_for;
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
  list();
  look();
}

void Scheduler::look() {
  const std::lock_guard looking(looking_mutex_);
  const TimePoint now = clock_.now();
  notice_clock(now);
  refresh_from_history();
  record_unrecorded();
  notice_hung_sources();
  measure_scratch();
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
  next_listing_ = {};
  for (auto& [name, entry] : entries_) {
    entry.due = next_due(entry.plan->target, now);
    entry.late = {};
    entry.list_next = {};
    for (Again& again : entry.retries) again.at = std::min(again.at, now);
    touch(entry);
  }
}

void Scheduler::start() {
  publish();
  const std::lock_guard lock(mutex_);
  stopping_ = false;
  for (int i = 0; i < listers_elsewhere; ++i)
    look_around([this](const std::stop_token& stop) { list_those(true, stop); });
  add_threads(0);
  look_around([this](const std::stop_token&) { look(); });
}

// The caller holds mutex_, here and in look_around().
void Scheduler::begin_thread(std::function<void(const std::stop_token&)> body) {
  threads_.emplace_back([this, body = std::move(body)](const std::stop_token& stop) {
    body(stop);
    const std::lock_guard lock(mutex_);
    --alive_;
    wake_.notify_all();
  });
  ++alive_;
}

// Every second, and at once when that is wanted.
void Scheduler::look_around(std::function<void(const std::stop_token&)> turn) {
  begin_thread([this, turn = std::move(turn)](const std::stop_token& stop) {
    std::uint64_t seen = 0;
    while (!stop.stop_requested()) {
      turn(stop);
      std::unique_lock lock(mutex_);
      wake_.wait_for(lock, stop, tick_interval, [&] { return looks_wanted_ != seen; });
      seen = looks_wanted_;
    }
  });
}

Scheduler::Asking::Asking(Scheduler& scheduler, std::string worker_for)
    : scheduler_(scheduler), worker_for_(std::move(worker_for)) {
  const std::lock_guard lock(scheduler_.mutex_);
  ++scheduler_.asking_;
  if (!worker_for_.empty()) scheduler_.choosing_[worker_for_] = scheduler_.clock_.elapsed();
}

Scheduler::Asking::~Asking() {
  const std::lock_guard lock(scheduler_.mutex_);
  --scheduler_.asking_;
  scheduler_.choosing_.erase(worker_for_);
  if (scheduler_.stopping_) scheduler_.wake_.notify_all();
}

bool Scheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  bool hung = false;
  {
    std::unique_lock lock(mutex_);
    if (!wake_.wait_for(lock, patience_with_sources, [this] { return alive_ == 0; }))
      wake_.wait(lock, [this] { return alive_ <= asking_; });
    hung = alive_ > 0;
  }
  record_unrecorded();
  if (!hung) threads_.clear();
  const std::lock_guard lock(mutex_);
  listers_ = working_ = 0;
  for (const Run& run : unrecorded_)
    log::error("a run could not be recorded and is lost",
               {{"target", run.target}, {"run", run.id}});
  return !hung;
}

void Scheduler::set_config_state(const ConfigState& state) {
  {
    const std::lock_guard lock(mutex_);
    config_ = state;
    ++looks_wanted_;
  }
  wake_.notify_all();
  publish();
}

}  // namespace backproof
