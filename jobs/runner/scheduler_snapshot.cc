// SPDX-License-Identifier: Apache-2.0
// What the scheduler shows: everything that is served.
#include <algorithm>
#include <utility>

#include "model/start.h"
#include "runner/scheduler.h"
#include "runner/side_schedule.h"

namespace backproof {
namespace {

// 1970 while none is in force.
TimePoint blackout_end(const Target& target, TimePoint now) {
  return target.blackout.blocked_since(now) ? target.blackout.free_from(now) : TimePoint{};
}

}  // namespace

// What waits for a backup to appear, or for its own last due time, is not late; a missing backup
// has a series of its own.
TimePoint Scheduler::next_due_of(const Entry& entry, TimePoint now) const {
  const Target& target = entry.plan->target;
  TimePoint next = entry.due.next;
  for (const Again& again : entry.retries)
    if (next == TimePoint{} || again.at < next) next = again.at;
  if (entry.queued && entry.queued_for != TimePoint{}) next = entry.queued_for;
  if (next == TimePoint{} || next > now) return next;
  if (goes_on(entry) || (!entry.queued && waits_for_backups(entry)))
    next = next_due(target, now).next;
  if (next != TimePoint{} && next <= now) next = std::max(next, blackout_end(target, now));
  return next;
}

TargetState Scheduler::state_of(const Entry& entry, TimePoint now) const {
  const Target& target = entry.plan->target;
  TargetState state;
  // The plan's own: ten thousand of them are not there twice.
  state.target = Boxed(std::shared_ptr<const Target>(entry.plan, &entry.plan->target));
  state.history = entry.history;
  state.inventory = entry.inventory;
  state.coverage = entry.coverage;
  if (const auto found = running_.find(target.name); found != running_.end())
    state.running = found->second;
  state.queued = entry.queued;
  state.next_due = next_due_of(entry, now);
  state.interval = entry.interval;
  state.selftest_interval = entry.selftest_interval;
  state.selftest_work = entry.selftest_work;
  state.drill_interval = entry.drill_interval;
  state.drill_work = entry.drill_work;
  state.drill_next = drill_due(state, entry.drill_work.begun, now);
  return state;
}

void Scheduler::touch(Entry& entry) {
  entry.shown.reset();
  quiet_until_[entry.place] = {};
}

// What was just shown, and what queue_due() would do. 1970: it is to be looked at again at once.
TimePoint Scheduler::quiet_until(const Entry& entry, TimePoint now) const {
  const Target& target = entry.plan->target;
  const bool waits =
      entry.late.next != TimePoint{} || !entry.retries.empty() || !entry.arrivals.empty();
  if (waits || entry.queued || running_.contains(target.name)) return {};
  const bool is_due = entry.due.next != TimePoint{} && entry.due.next <= now;
  const TimePoint free = is_due ? blackout_end(target, now) : TimePoint{};
  if (is_due && free == TimePoint{}) return {};
  TimePoint until = TimePoint::max();
  for (const TimePoint at :
       {is_due ? free : entry.due.next, entry.shown->next_due, entry.shown->drill_next})
    if (at != TimePoint{}) until = std::min(until, at);
  return until;
}

// What has not changed is shared with the last snapshot, but for what the time alone changes.
TargetStates Scheduler::targets_shown(TimePoint now) {
  TargetStates last = published_.get()->targets;
  bool changed = last.size() != in_order_.size();
  for (std::size_t i = 0; i < in_order_.size(); ++i) {
    if (now < quiet_until_[i]) continue;
    Entry& entry = *in_order_[i];
    const bool same = entry.shown && entry.shown->next_due == next_due_of(entry, now) &&
                      (entry.shown->drill_next == TimePoint{} || entry.shown->drill_next > now);
    if (!same) entry.shown = std::make_shared<TargetState>(state_of(entry, now));
    quiet_until_[i] = quiet_until(entry, now);
    changed = changed || !same;
  }
  if (!changed) return last;
  TargetStates targets;
  targets.reserve(in_order_.size());
  for (const Entry* const entry : in_order_) targets.share(entry->shown);
  return targets;
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
  const TimePoint now = clock_.now();
  if (now < published_at_) quiet_until_.assign(in_order_.size(), {});  // the clock was set back
  published_at_ = now;
  snapshot.targets = targets_shown(now);
  snapshot.queued = queue_.size();
  snapshot.workers = settings_.workers;
  snapshot.workers_busy = busy_;
  snapshot.scratch_promised = promises_.total();
  snapshot.waiting_for_scratch = waiting_for_scratch_;
  snapshot.sandbox_leftovers = leftovers_;
  snapshot.scheduler_last_tick = last_tick_;
  snapshot.history_up = history_reads_ && history_writes_;
  snapshot.history_errors = history_errors_;
  snapshot.config = config_;
  snapshot.made = now;
  published_.set(std::move(snapshot));
}

}  // namespace backproof
