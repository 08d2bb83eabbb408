// SPDX-License-Identifier: Apache-2.0
// The scheduler's side of the sources: what they hold, and what of it is new.
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "runner/scheduler.h"
#include "runner/survey.h"

namespace backproof {
namespace {

// Of all targets together, within a second: about a second and a half.
constexpr std::size_t looks_at_a_time = 50;

// A folder answers within seconds, or the file server that it is on does not.
constexpr std::chrono::minutes longest_answer{1};

}  // namespace

void Scheduler::list() {
  // First: what arrives while a source is listed is noticed.
  watch_sources();
  list_those(false, {});
  {
    const std::lock_guard lock(mutex_);
    const TimePoint now = clock_.now();
    listed_once_ =
        listed_once_ || std::ranges::none_of(in_order_, [now](const Entry* entry) {
          const bool here = entry->plan->source && !entry->plan->source->fetches();
          return here && (entry->listing_since != TimePoint{} || now >= entry->list_next);
        });
  }
  wake_.notify_all();
}

// One after the other, beside whoever else lists: one that hangs holds up this thread only.
void Scheduler::list_those(bool elsewhere, const std::stop_token& stop) {
  const TimePoint now = clock_.now();
  std::vector<std::shared_ptr<const Plan>> due;
  {
    const std::lock_guard lock(mutex_);
    if (now < next_listing_) return;
    next_listing_ = TimePoint::max();
    for (const Entry* const entry : in_order_) {
      if (!entry->plan->source) continue;
      next_listing_ = std::min(next_listing_, entry->list_next);
      if (now >= entry->list_next && entry->plan->source->fetches() == elsewhere)
        due.push_back(entry->plan);
    }
  }
  std::size_t looks = looks_at_a_time;
  for (const auto& plan : due) {
    const auto last_error = claim_listing(plan, now);
    if (!last_error) continue;
    Result<Survey> found = survey(*plan, history_, settings_.looker, now, looks, stop);
    if (!found && found.error().str() != *last_error && !stop.stop_requested())
      log::warn("cannot list the source",
                {{"target", plan->target.name}, {"error", found.error().str()}});
    const std::lock_guard lock(mutex_);
    Entry* entry = entry_of(plan->target.name);
    if (entry == nullptr || entry->plan->target.source != plan->target.source) continue;
    entry->listing_since = {};
    if (stop.stop_requested()) return;
    take_survey(*entry, std::move(found), now);
  }
}

// The error of its last listing; nothing when another thread lists it, or just has.
std::optional<std::string> Scheduler::claim_listing(const std::shared_ptr<const Plan>& plan,
                                                    TimePoint now) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = entry_of(plan->target.name);
  if (entry == nullptr || entry->plan != plan || entry->listing_since != TimePoint{} ||
      now < entry->list_next)
    return std::nullopt;
  entry->listing_since = now;
  entry->list_next = now + settings_.inventory_interval;
  return entry->inventory.error;
}

// Others have a time limit of their own (list_timeout).
void Scheduler::notice_hung_sources(TimePoint now) {
  const std::lock_guard lock(mutex_);
  for (Entry* const entry : in_order_) {
    if (entry->listing_since == TimePoint{} || now - entry->listing_since < longest_answer ||
        !entry->inventory.error.empty() || entry->plan->source->fetches())
      continue;
    entry->inventory.error = "has not answered for " + text::format_duration(longest_answer) +
                             " (hint: does its file server hang?)";
    entry->shown.reset();
    log::warn("cannot list the source",
              {{"target", entry->plan->target.name}, {"error", entry->inventory.error}});
  }
}

// As often as the sources are listed, because a folder may have been mounted meanwhile.
void Scheduler::watch_sources() {
  std::map<std::string, Path> folders;
  {
    const std::lock_guard lock(mutex_);
    if (clock_.now() < next_listing_) return;
    for (const Entry* const entry : in_order_) {
      const Plan& plan = *entry->plan;
      if (plan.target.on_arrival && plan.target.enabled && plan.source)
        folders[plan.target.name] = plan.source->watched();
    }
  }
  std::erase_if(folders, [](const auto& folder) { return folder.second.empty(); });
  arrival_watch_.follow(folders);
}

// The caller holds mutex_, here and below.
void Scheduler::take_survey(Entry& entry, Result<Survey> found, TimePoint now) {
  entry.shown.reset();
  if (!found) {
    entry.inventory.error = found.error().str();
    return;
  }
  entry.inventory = {now, found->backups.size(), {}, ""};
  if (!found->backups.empty()) entry.inventory.newest = found->backups.front();
  entry.retained = std::move(found->backups);
  entry.dated = found->complete;
  // The rest are looked at in the next second; what is still being written, when it may be
  // complete.
  if (!entry.dated)
    entry.list_next = {};
  else if (found->again != TimePoint{} && entry.plan->target.on_arrival)
    entry.list_next = std::min(entry.list_next, found->again);
  next_listing_ = std::min(next_listing_, entry.list_next);
  assess(entry);
}

void Scheduler::assess(Entry& entry) {
  const Target& target = entry.plan->target;
  const DueTime due{clock_.now(), {}, entry.interval, entry.history.created};
  std::vector<RetainedBackup> retained = retained_of(entry.retained, entry.history.backups);
  entry.arrivals.clear();
  if (target.on_arrival && target.enabled && entry.dated)
    entry.arrivals = arrivals_of(retained, due);
  // What the end of a service cut off is an attempt, and tried again as such.
  if (const auto& last = entry.history.last_run; last && last->cause == Cause::interrupted)
    std::erase_if(entry.arrivals,
                  [&](const Pick& pick) { return pick.backup.id == last->backup.id; });
  entry.coverage = std::make_shared<Coverage>(coverage_of(target.select, std::move(retained), due));
  entry.shown.reset();
}

void Scheduler::source_changed(const std::string& target) {
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = entry_of(target);
    if (entry == nullptr) return;
    entry->list_next = next_listing_ = {};
    ++looks_wanted_;
  }
  wake_.notify_all();
}

bool Scheduler::wait_for_listing(Duration most) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, most, [this] { return listed_once_; });
}

}  // namespace backproof
