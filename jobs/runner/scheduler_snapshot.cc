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
  state.target = target;
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
  snapshot.targets.reserve(in_order_.size());
  for (Entry* const entry : in_order_) {
    // What has not changed is shared with the last snapshot, but for what the time alone changes.
    const bool same = entry->shown && entry->shown->next_due == next_due_of(*entry, now) &&
                      (entry->shown->drill_next == TimePoint{} || entry->shown->drill_next > now);
    if (!same) entry->shown = std::make_shared<TargetState>(state_of(*entry, now));
    snapshot.targets.share(entry->shown);
  }
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
