// SPDX-License-Identifier: Apache-2.0
// The scheduler's side of the sources: what they hold, and what of it is new.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "runner/scheduler.h"
#include "runner/survey.h"

namespace backproof {
namespace {

// Of all targets together, within a second: about a second and a half.
constexpr std::size_t looks_at_a_time = 50;

}  // namespace

void Scheduler::list() {
  const std::lock_guard listing(listing_mutex_);
  // First: what arrives while a source is listed is noticed.
  watch_sources();
  list_those(false, {});
  const std::lock_guard lock(mutex_);
  listed_once_ = true;
  wake_.notify_all();
}

void Scheduler::list_those(bool elsewhere, const std::stop_token& stop) {
  const TimePoint now = clock_.now();
  std::vector<std::pair<std::shared_ptr<const Plan>, std::string>> due;  // with the last error
  {
    const std::lock_guard lock(mutex_);
    for (Entry* const entry : in_order_) {
      if (!entry->plan->source || now < entry->list_next) continue;
      if (entry->plan->source->fetches() != elsewhere) continue;
      entry->list_next = now + settings_.inventory_interval;
      due.emplace_back(entry->plan, entry->inventory.error);
    }
  }
  std::size_t looks = looks_at_a_time;
  for (const auto& [plan, last_error] : due) {
    Result<Survey> found = survey(*plan, history_, settings_.looker, now, looks, stop);
    if (stop.stop_requested()) break;
    if (!found && found.error().str() != last_error)
      log::warn("cannot list the source",
                {{"target", plan->target.name}, {"error", found.error().str()}});
    const std::lock_guard lock(mutex_);
    Entry* entry = entry_of(plan->target.name);
    if (entry == nullptr || entry->plan != plan) continue;
    take_survey(*entry, std::move(found), now);
  }
}

// As often as the sources are listed, because a folder may have been mounted meanwhile.
void Scheduler::watch_sources() {
  std::map<std::string, Path> folders;
  {
    const std::lock_guard lock(mutex_);
    const TimePoint now = clock_.now();
    if (std::ranges::none_of(in_order_, [&](const Entry* e) { return now >= e->list_next; }))
      return;
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
  assess(entry);
}

void Scheduler::assess(Entry& entry) {
  const Target& target = entry.plan->target;
  const DueTime due{clock_.now(), {}, entry.interval, entry.history.created};
  std::vector<RetainedBackup> retained = retained_of(entry.retained, entry.history.backups);
  entry.arrivals.clear();
  if (target.on_arrival && target.enabled && entry.dated)
    entry.arrivals = arrivals_of(retained, due);
  entry.coverage = std::make_shared<Coverage>(coverage_of(target.select, std::move(retained), due));
  entry.shown.reset();
}

void Scheduler::source_changed(const std::string& target) {
  {
    const std::lock_guard lock(mutex_);
    Entry* const entry = entry_of(target);
    if (entry == nullptr) return;
    entry->list_next = {};
    ++looks_wanted_;
  }
  wake_.notify_all();
}

bool Scheduler::wait_for_listing(Duration most) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, most, [this] { return listed_once_; });
}

}  // namespace backproof
