// SPDX-License-Identifier: Apache-2.0
// What waits for a worker: how it comes into the queue, and who is next. The caller of everything
// private here holds mutex_.
#include <algorithm>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "runner/retry.h"
#include "runner/scheduler.h"
#include "runner/urgency.h"
#include "sandbox/sandbox.h"

namespace backproof {
namespace {

// Less is what time servers correct; more is a host that slept.
constexpr Duration away = std::chrono::minutes(1);
// What has waited for room as long as this is not overtaken any more by what needs less.
constexpr Duration most_overtaken = std::chrono::hours(1);
// Of what waits for a worker, so many are asked whether there is room for them.
constexpr std::uint64_t most_refused = 100;

}  // namespace

// A missing backup is no run: it shows in the inventory and has an alert of its own. The target
// stays due, so that its next backup is verified when it appears. And which is the newest is known
// when all were looked at.
bool Scheduler::waits_for_backups(const Entry& entry) const {
  return entry.plan->source && (entry.inventory.backups == 0 || !entry.dated);
}

// The last due time's backups are still being verified: the next one begins when that has ended,
// and finds what appeared meanwhile.
bool Scheduler::goes_on(const Entry& entry) const {
  const Target& target = entry.plan->target;
  return target.select.policy != Policy::newest && (entry.queued || running_.contains(target.name));
}

void Scheduler::queue(Entry& entry, Queued queued, TimePoint start) {
  entry.queued = true;
  entry.queued_for = queued.scheduled == TimePoint{} ? TimePoint{} : start;
  touch(entry);
  queued.target = entry.plan->target.name;
  queued.since = clock_.now();
  queue_.push_back(std::move(queued));
}

void Scheduler::leave_queue(const std::string& target) {
  if (Entry* const entry = entry_of(target)) {
    entry->queued = false;
    touch(*entry);
  }
}

// What to do with a target that is due: queue it, or know it for a misfire. Times that come while
// it runs become one late run; those that come while it waits are made up for by what waits.
std::optional<Scheduler::Misfire> Scheduler::come_due(Entry& entry, TimePoint now) {
  const Target& target = entry.plan->target;
  Due due = entry.due;
  // As after a restart: the host slept.
  const bool was_away = due.trigger == "schedule" && last_tick_ != TimePoint{} &&
                        due.next > last_tick_ && now - due.next >= away;
  entry.due = next_due(target, now);
  touch(entry);
  if (running_.contains(target.name)) {
    if (entry.late.next == TimePoint{}) entry.late = {due.next, "missed", due.scheduled};
    return Misfire{target.name, "overlap", due.scheduled};
  }
  // A target has one place in the queue: its last run still waits for a worker.
  if (entry.queued) return Misfire{target.name, "queue_full", due.scheduled};
  if (was_away) due.trigger = "missed";
  entry.late = {};  // this one makes up for it
  queue(entry, {.trigger = due.trigger, .scheduled = due.scheduled}, due.next);
  if (was_away) return Misfire{target.name, "downtime", due.scheduled};
  return std::nullopt;
}

// What no time of the schedule brings: a late run, what is tried again, what has arrived.
void Scheduler::queue_what_waits(Entry& entry, TimePoint now) {
  if (entry.queued || running_.contains(entry.plan->target.name) || waits_for_backups(entry))
    return;
  if (entry.late.next != TimePoint{}) {
    const Due late = std::exchange(entry.late, {});
    return queue(entry, {.trigger = late.trigger, .scheduled = late.scheduled}, now);
  }
  const auto again = std::ranges::min_element(entry.retries, {}, &Again::at);
  if (again != entry.retries.end() && again->at <= now) {
    Queued queued{.trigger = "retry", .scheduled = again->scheduled, .attempt = again->attempt};
    if (!again->pick.backup.id.empty()) queued.rest = {again->pick};
    entry.retries.erase(again);
    return queue(entry, std::move(queued));
  }
  // Each has its chance first: what the source cannot give now would fail at once, again and again.
  if (!entry.arrivals.empty() && entry.retries.empty() && entry.inventory.error.empty())
    queue(entry, {.trigger = "arrival", .rest = std::exchange(entry.arrivals, {})});
}

void Scheduler::queue_due(TimePoint now) {
  std::vector<Misfire> misfires;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < in_order_.size(); ++i) {
      if (now < quiet_until_[i]) continue;
      Entry* const entry = in_order_[i];
      const bool is_due = entry->due.next != TimePoint{} && entry->due.next <= now;
      const bool waits =
          entry->late.next != TimePoint{} || !entry->retries.empty() || !entry->arrivals.empty();
      // A blackout is waited out, for whatever reason it starts.
      if ((!is_due && !waits) || entry->plan->target.blackout.blocked_since(now)) continue;
      // The newest is chosen anew each time: a due time makes up for what waits.
      const bool retry_first = waits && entry->plan->target.select.policy != Policy::newest;
      if (retry_first) queue_what_waits(*entry, now);
      if (is_due && !waits_for_backups(*entry) && !goes_on(*entry)) {
        if (auto misfire = come_due(*entry, now)) misfires.push_back(*std::move(misfire));
      } else if (waits) {
        queue_what_waits(*entry, now);
      }
    }
    if (queue_.empty() || busy_ >= settings_.workers) waiting_for_scratch_ = 0;
  }
  wake_.notify_all();
  for (const Misfire& misfire : misfires) record(misfire);
}

// Keeps what this run could not tell for another try, and forgets earlier ones of its backup.
void Scheduler::try_again(Entry& entry, const Run& run) {
  const Target& target = entry.plan->target;
  const bool chosen_anew = is_chosen_anew(target, run);
  std::erase_if(entry.retries, [&](const Again& again) {
    return again.pick.backup.id.empty() ? chosen_anew : again.pick.backup.id == run.backup.id;
  });
  const TimePoint at = retry_at(target, run);
  if (at == TimePoint{}) return;
  // An end that lies ahead is that of a clock that was set back since.
  const TimePoint now = clock_.now();
  const TimePoint latest = now + retry_delay(target.retry, run);
  Again again{std::clamp(at, now, latest), run.scheduled, run.attempt + 1, {}};
  if (!chosen_anew)
    again.pick = {run.backup, "tried again, attempt " + std::to_string(again.attempt)};
  entry.retries.push_back(std::move(again));
}

// What somebody waits for, what is due, what goes on of an earlier due time, so that the backlog of
// one target keeps no other waiting. Without those that a blackout does: what was queued before one
// may wait into it; and those of which a worker has one already.
std::vector<std::size_t> Scheduler::in_order_of_urgency(TimePoint now) {
  std::vector<std::tuple<int, double, std::size_t>> order;
  for (std::size_t i = 0; i < queue_.size(); ++i) {
    const Entry* const entry = entry_of(queue_[i].target);
    const Queued& queued = queue_[i];
    if (at_work_.contains(queued.target)) continue;
    if (entry == nullptr || queued.by_hand) {
      order.emplace_back(0, 0.0, i);
    } else if (const Target& target = entry->plan->target; !target.blackout.blocked_since(now)) {
      const double urgency = urgency_of(target, entry->history, entry->interval, now);
      order.emplace_back(queued.goes_on ? 2 : 1, -urgency, i);
    }
  }
  std::ranges::sort(order);
  std::vector<std::size_t> places;
  for (const auto& [turn, urgency, place] : order) places.push_back(place);
  return places;
}

// One at a time has all there is; more have what is promised to each.
bool Scheduler::promise_scratch(Queued& queued) {
  const Entry* const entry = entry_of(queued.target);
  const unsigned workers = settings_.workers;
  if (workers == 1 || entry == nullptr) return true;
  std::uintmax_t bytes = entry->inventory.newest ? entry->inventory.newest->bytes : 0;
  if (!queued.rest.empty()) bytes = queued.rest.front().backup.bytes;
  const Target& target = entry->plan->target;
  const auto others = static_cast<unsigned>(workers - std::min<std::uint64_t>(workers, busy_ + 1));
  const auto offered = promises_.offer(scratch_needed(target, entry->history, bytes), others);
  if (!offered) return false;
  queued.scratch =
      target.limits.scratch == 0 ? *offered : std::min(*offered, target.limits.scratch);
  queued.scratch = std::max<std::uintmax_t>(queued.scratch, 1);  // nothing is not "as it likes"
  promises_.promise(queued.run_id, queued.scratch);
  return true;
}

// Looking into sandboxes takes its time: nobody is kept waiting for it. Without the lock.
void Scheduler::measure_scratch() {
  const auto space = space_of(settings_.scratch);
  std::vector<std::string> runs;
  {
    const std::lock_guard lock(mutex_);
    runs = promises_.runs();
  }
  std::map<std::string, std::uintmax_t> used;
  for (const std::string& run : runs) used[run] = settings_.sandbox_bytes(run);
  const std::lock_guard lock(mutex_);
  promises_.measured(space ? usable(*space) : 0, used);
}

std::optional<Scheduler::Queued> Scheduler::take_next(TimePoint now) {
  if (queue_.empty()) return std::nullopt;
  waiting_for_scratch_ = 0;
  for (const std::size_t place : in_order_of_urgency(now)) {
    Queued& queued = queue_[place];
    if (queued.run_id.empty()) queued.run_id = new_run_id(now);
    if (promise_scratch(queued)) {
      Queued next = std::move(queued);
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(place));
      return next;
    }
    ++waiting_for_scratch_;
    if (now - queued.since >= most_overtaken || waiting_for_scratch_ >= most_refused) break;
  }
  return std::nullopt;
}

Result<std::string> Scheduler::verify_now(const std::string& target) {
  const TimePoint now = clock_.now();
  std::string run_id;
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = entry_of(target);
    if (entry == nullptr)
      return Error{Cause::internal, "there is no target " + text::printable(target, 140), ""};
    if (stopping_) return Error{Cause::internal, "the service is ending", ""};
    if (const auto found = at_work_.find(target); found != at_work_.end())
      return Error{Cause::internal, "a verification goes on already: " + found->second.run_id, ""};
    if (!entry->queued) queue(*entry, {.trigger = "manual"});
    Queued& queued = *std::ranges::find(queue_, target, &Queued::target);
    queued.by_hand = true;
    if (queued.run_id.empty()) queued.run_id = new_run_id(now);
    run_id = queued.run_id;
  }
  wake_.notify_all();
  publish();
  return run_id;
}

Result<void> Scheduler::cancel(const std::string& run_id) {
  if (!end_run(run_id))
    return Error{Cause::internal,
                 "no run " + text::printable(run_id, 80) + " goes on or waits in this service",
                 "one of another process is ended there, with Ctrl-C or SIGTERM"};
  publish();
  return {};
}

bool Scheduler::end_run(const std::string& run_id) {
  const std::lock_guard lock(mutex_);
  for (auto& [target, work] : at_work_) {
    if (work.run_id != run_id) continue;
    work.cancelled = true;
    work.stop.request_stop();
    return true;
  }
  if (const auto found = std::ranges::find(queue_, run_id, &Queued::run_id);
      found != queue_.end()) {
    leave_queue(found->target);
    queue_.erase(found);
    return true;
  }
  return false;
}

bool Scheduler::is_pending(const std::string& run_id) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(at_work_,
                             [&](const auto& each) { return each.second.run_id == run_id; }) ||
         std::ranges::find(queue_, run_id, &Queued::run_id) != queue_.end();
}

}  // namespace backproof
