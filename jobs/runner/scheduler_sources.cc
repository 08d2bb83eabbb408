// SPDX-License-Identifier: Apache-2.0
// The scheduler's side of the sources: what they hold, and what of it is new.
#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/mounts.h"
#include "base/text.h"
#include "runner/scheduler.h"
#include "runner/survey.h"

namespace backproof {
namespace {

// Of all targets together, within a second: about a second and a half.
constexpr std::size_t looks_at_a_time = 50;

// A folder answers within seconds, or the file server that it is on does not.
constexpr std::chrono::minutes longest_answer{1};

constexpr std::size_t listers_here = 2, most_listers = 32;

// Empty: it has none.
Path folder_of(const Plan& plan) {
  const auto& options = plan.target.source.options;
  const auto path = options.find("path");
  const auto* text = path == options.end() ? nullptr : std::get_if<std::string>(&path->second.data);
  return plan.source && !plan.source->fetches() && text != nullptr ? Path(*text) : Path();
}

Error no_answer() {
  return {Cause::fetch, "has not answered for " + text::format_duration(longest_answer),
          "does the file server hang that it is on?"};
}

}  // namespace

void Scheduler::list(const std::stop_token& stop) {
  list_those(false, stop);
  {
    const std::lock_guard lock(mutex_);
    listed_once_ =
        listed_once_ || std::ranges::none_of(in_order_, [](const Entry* entry) {
          const bool here = entry->plan->source && !entry->plan->source->fetches();
          return here && entry->inventory.listed == TimePoint{} && entry->inventory.error.empty();
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
    if (stop.stop_requested()) return;
    const auto last_error = claim_listing(plan, now);
    if (!last_error) continue;
    bool again = false;
    Result<Survey> found = [&] {
      const Asking asking(*this);
      Result<Survey> told = survey(*plan, history_, settings_.looker, now, looks, stop);
      // Last, so that it waits for no folder that was not there just now.
      again = told && plan->target.on_arrival && plan->target.enabled &&
              !plan->source->watched().empty() && is_claimed(plan) &&
              arrival_watch_.follow(plan->target.name, plan->source->watched());
      return told;
    }();
    if (!found && found.error().str() != *last_error && !stop.stop_requested())
      log::warn("cannot list the source",
                {{"target", plan->target.name}, {"error", found.error().str()}});
    const std::lock_guard lock(mutex_);
    const auto claim = std::ranges::find(being_listed_, plan, &BeingListed::plan);
    const std::string target = claim->target;
    being_listed_.erase(claim);
    Entry* const entry = entry_of(target);
    if (entry == nullptr) continue;
    if (stop.stop_requested()) return;
    take_survey(*entry, std::move(found), now);
    // What arrived between listing and watching.
    if (again) entry->list_next = next_listing_ = {};
  }
}

// Whether the target still has the source that is being listed.
bool Scheduler::is_claimed(const std::shared_ptr<const Plan>& plan) {
  const std::lock_guard lock(mutex_);
  return !std::ranges::find(being_listed_, plan, &BeingListed::plan)->target.empty();
}

// The error of its last listing; nothing when another thread lists it, or just has.
std::optional<std::string> Scheduler::claim_listing(const std::shared_ptr<const Plan>& plan,
                                                    TimePoint now) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = entry_of(plan->target.name);
  if (entry == nullptr || entry->plan != plan || now < entry->list_next ||
      std::ranges::find(being_listed_, plan->target.name, &BeingListed::target) !=
          being_listed_.end() ||
      is_on_hung_share(*plan))
    return std::nullopt;
  being_listed_.push_back({plan->target.name, clock_.elapsed(), plan});
  entry->list_next = now + settings_.inventory_interval;
  return entry->inventory.error;
}

// Folders answer within seconds; others have a time limit of their own (list_timeout).
bool Scheduler::hangs(const BeingListed& listed) const {
  return is_long_since(listed.since) && !listed.plan->source->fetches();
}

bool Scheduler::is_long_since(Duration asked) const {
  return clock_.elapsed() - asked >= longest_answer;
}

void Scheduler::notice_hung_sources() {
  const std::lock_guard lock(mutex_);
  std::size_t hung = 0;
  std::vector<Entry*> silent;
  const auto note = [&](const std::string& target) {
    if (Entry* const entry = entry_of(target)) silent.push_back(entry);
  };
  for (const BeingListed& listed : being_listed_)
    if (hangs(listed)) {
      ++hung;
      note(listed.target);
    }
  stuck_ = 0;
  for (const auto& [target, since] : choosing_)
    if (is_long_since(since)) {
      ++stuck_;
      note(target);
    }
  hung_ = shares_of(silent);
  // What is on the same share would hang, too.
  if (!hung_.empty())
    for (Entry* const entry : in_order_)
      if (is_on_hung_share(*entry->plan)) silent.push_back(entry);
  for (Entry* const entry : silent) {
    if (!entry->inventory.error.empty()) continue;
    entry->inventory.error = no_answer().str();
    touch(*entry);
    log::warn("cannot list the source",
              {{"target", entry->plan->target.name}, {"error", entry->inventory.error}});
  }
  if (listers_ == 0 || stopping_) return;
  try {
    add_threads(hung);
  } catch (const std::system_error&) {
    // No thread is to be had now: those that are left go on.
  }
}

std::set<Path> Scheduler::shares_of(const std::vector<Entry*>& entries) {
  std::set<Path> shares;
  if (entries.empty()) return shares;
  const auto mounts = read_file("/proc/self/mountinfo");
  for (const Entry* const entry : entries)
    if (const Path share = share_of(folder_of(*entry->plan), mounts ? *mounts : std::string());
        !share.empty())
      shares.insert(share);
  return shares;
}

bool Scheduler::is_on_hung_share(const Plan& plan) const {
  const std::string folder = folder_of(plan).native() + '/';
  return std::ranges::any_of(
      hung_, [&](const Path& share) { return folder.starts_with(share.native() + '/'); });
}

// The caller holds mutex_, here and below.
void Scheduler::take_survey(Entry& entry, Result<Survey> found, TimePoint now) {
  touch(entry);
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
  touch(entry);
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

Result<void> Scheduler::answers(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  const auto listed = std::ranges::find(being_listed_, plan.target.name, &BeingListed::target);
  if ((listed != being_listed_.end() && hangs(*listed)) || is_on_hung_share(plan))
    return no_answer();
  return {};
}

// The caller holds mutex_. Others take the place of those who wait for a source that hangs; they
// stay, for it will happen again.
void Scheduler::add_threads(std::size_t hung) {
  for (; working_ < settings_.workers + std::min(stuck_, most_listers); ++working_)
    begin_thread([this](const std::stop_token& stop) { work(stop); });
  for (; listers_ < std::min(hung + listers_here, most_listers); ++listers_)
    look_around([this](const std::stop_token& stop) { list(stop); });
}

bool Scheduler::wait_for_listing(Duration most) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, most, [this] { return listed_once_; });
}

}  // namespace backproof
