// SPDX-License-Identifier: Apache-2.0
// The scheduler's side of the history: what it records, reads again and forgets.
#include <utility>

#include "base/log.h"
#include "runner/scheduler.h"

namespace backproof {
namespace {

constexpr Duration clean_up_interval = std::chrono::hours(1);

}  // namespace

void Scheduler::record(const Misfire& misfire) {
  history_wrote(history_.misfire(misfire.target, misfire.reason, misfire.scheduled),
                "record a misfire");
  reload_history(misfire.target);
}

void Scheduler::record_unrecorded() {
  std::vector<Run> runs;
  bool ask = false;
  {
    const std::lock_guard lock(mutex_);
    runs.swap(unrecorded_);
    ask = runs.empty() && !history_writes_;
  }
  for (const Run& run : runs) finished(run);
  if (ask) history_wrote(history_.probe(), "write to the history");
}

// Another process (a verification by hand) may have written to the same history.
void Scheduler::refresh_from_history() {
  const Result<std::int64_t> version = history_.version();
  history_read(version ? Result<void>() : version.error());
  if (!version) return;
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(history_version_, *version) == *version) return;
    for (const Entry* const entry : in_order_) names.push_back(entry->plan->target.name);
  }
  for (const std::string& name : names) reload_history(name);
}

void Scheduler::reload_history(const std::string& target) {
  const std::lock_guard reading(reading_mutex_);
  Result<TargetHistory> history = history_.history_of(target);
  history_read(history ? Result<void>() : history.error());
  const std::lock_guard lock(mutex_);
  if (Entry* entry = entry_of(target); entry != nullptr && history) {
    entry->history = *std::move(history);
    assess(*entry);
  }
}

void Scheduler::begins(const std::string& target, SideWork Entry::*work) {
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(target)) {
      entry->*work = {clock_.now(), true};
      touch(*entry);
    }
  }
  publish();
}

void Scheduler::ended(const std::string& target, SideWork Entry::*work) {
  reload_history(target);
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(target)) {
      (entry->*work).running = false;
      touch(*entry);
    }
  }
  publish();
}

void Scheduler::selftest_begins(const std::string& target) {
  begins(target, &Entry::selftest_work);
}
void Scheduler::selftest_ended(const std::string& target) {
  ended(target, &Entry::selftest_work);
}
void Scheduler::drill_begins(const std::string& target) {
  begins(target, &Entry::drill_work);
}
void Scheduler::drill_ended(const std::string& target) {
  ended(target, &Entry::drill_work);
}

void Scheduler::clean_up(TimePoint now) {
  Retention retention;
  std::map<std::string, std::vector<std::string>> retained;  // ids by target
  {
    const std::lock_guard lock(mutex_);
    if (now - last_clean_up_ < clean_up_interval) return;
    last_clean_up_ = now;
    retention = retention_;
    for (const auto& [name, entry] : entries_)
      for (const Backup& backup : entry.retained) retained[name].push_back(backup.id);
  }
  for (const auto& [name, ids] : retained)
    history_wrote(history_.seen(name, ids, now), "keep what is known of backups");
  const auto pruned = history_.prune(retention, now);
  history_wrote(pruned ? Result<void>() : pruned.error(), "prune the history");
  const std::uint64_t leftovers = settings_.sweep();
  const std::lock_guard lock(mutex_);
  leftovers_ = leftovers;
}

// Reading may work where writing does not (a full disk): only a write proves that writing works.
void Scheduler::history_read(const Result<void>& result) {
  history_answered(history_reads_, result, "read the history");
}
void Scheduler::history_wrote(const Result<void>& result, std::string_view doing) {
  history_answered(history_writes_, result, doing);
}

void Scheduler::history_answered(bool& works, const Result<void>& result, std::string_view doing) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::exchange(works, result.has_value()) != result.has_value();
    if (!result) ++history_errors_;
  }
  if (!changed) return;
  if (result)
    log::info("the history works again", {{"doing", std::string(doing)}});
  else
    log::error("the history does not work",
               {{"doing", std::string(doing)}, {"error", result.error().str()}});
}

void Scheduler::finished(const Run& run) {
  const Result<void> recorded = history_.finish(run);
  history_wrote(recorded, "record a run");
  if (!recorded) {
    const std::lock_guard lock(mutex_);
    unrecorded_.push_back(run);
    return;
  }
  reload_history(run.target);
  const std::lock_guard lock(mutex_);
  if (Entry* entry = entry_of(run.target)) {
    try_again(*entry, run);
    touch(*entry);
  }
}

}  // namespace backproof
