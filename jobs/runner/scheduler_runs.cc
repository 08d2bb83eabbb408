// SPDX-License-Identifier: Apache-2.0
// The scheduler's workers: from what is queued to runs that are recorded.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "model/begun_run.h"
#include "runner/remember.h"
#include "runner/scheduler.h"

namespace backproof {
namespace {

// How long a worker waits that could not begin anything.
constexpr Duration between_tries = std::chrono::seconds(1);
// Progress is told at most this often: making a snapshot costs more than a step of a run.
constexpr Duration progress_interval = std::chrono::seconds(1);

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

// The first that no blackout keeps waiting: what was queued before one may wait into it. The
// caller holds mutex_.
std::deque<Scheduler::Queued>::iterator Scheduler::startable() {
  const TimePoint now = clock_.now();
  return std::ranges::find_if(queue_, [&](const Queued& queued) {
    const Entry* entry = entry_of(queued.target);
    return entry == nullptr || !entry->plan->target.blackout.blocked_since(now);
  });
}

void Scheduler::work(const std::stop_token& stop) {
  while (true) {
    Queued next;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return startable() != queue_.end(); };
      if (!wake_.wait(lock, stop, ready) || stop.stop_requested()) return;
      const auto first = startable();
      if (first == queue_.end()) continue;  // a blackout began between the two looks
      next = std::move(*first);
      queue_.erase(first);
      ++busy_;
    }
    const bool done = perform(next, stop);
    {
      std::unique_lock lock(mutex_);
      --busy_;
      // What could not even be begun waits for the history to come back.
      if (!done && entry_of(next.target) != nullptr) {
        queue_.push_back(next);
        wake_.wait_for(lock, stop, between_tries, [] { return false; });
      }
    }
    publish();
  }
}

// What it was queued for is gone or disabled meanwhile: null.
std::shared_ptr<const Plan> Scheduler::plan_for(const Queued& queued, Job& job) {
  const std::lock_guard lock(mutex_);
  Entry* entry = entry_of(queued.target);
  if (entry == nullptr || !entry->queued) return nullptr;
  job.target = entry->plan->target;
  if (queued.trigger == "retry" && entry->history.last_run)
    job.attempt = entry->history.last_run->attempt + 1;
  return entry->plan;
}

// What to verify of all that is there now: the first of it goes to the job, the rest stays in
// `picks`. Of what was chosen before, those that are gone are left out.
Result<void> Scheduler::choose_for(const Plan& plan, const Queued& queued, Job& job,
                                   std::vector<Pick>& picks, const std::stop_token& stop) {
  const TimePoint now = clock_.now();
  std::vector<std::string> notes;
  if (queued.rest.empty()) {
    TRY_ASSIGN(Selection selection,
               select_backups(plan, history_, settings_.looker, now, queued.scheduled, stop));
    picks = std::move(selection.picks);
    notes = std::move(selection.notes);
  } else {
    picks = queued.rest;
    TRY_ASSIGN(const Listing listing, plan.source->list(now, stop));
    std::erase_if(picks, [&](const Pick& pick) {
      return std::ranges::none_of(listing.backups, [&](const Backup& backup) {
        return backup.id == pick.backup.id && backup.inode == pick.backup.inode &&
               backup.bytes == pick.backup.bytes && backup.modified == pick.backup.modified;
      });
    });
  }
  if (picks.empty()) return {};
  give(job, picks.front(), notes);
  picks.erase(picks.begin());
  return {};
}

bool Scheduler::perform(const Queued& queued, const std::stop_token& stop) {
  const TimePoint now = clock_.now();
  Job job;
  job.run_id = new_run_id(now);
  job.trigger = queued.trigger;
  job.scheduled = queued.scheduled;
  const auto plan = plan_for(queued, job);
  if (plan == nullptr) return true;
  std::vector<Pick> rest;
  const Result<void> chosen = choose_for(*plan, queued, job, rest, stop);
  if (chosen && job.chosen.id.empty()) {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(queued.target)) entry->queued = false;
    return true;
  }
  job.memory = remember(history_, queued.target, job.chosen);
  const Result<void> begins = history_.begin(begun_run(job, now));
  history_wrote(begins, "begin a run");
  if (!begins) return false;
  {
    const std::lock_guard lock(mutex_);
    if (Entry* entry = entry_of(queued.target)) entry->queued = false;
    running_[queued.target] = RunningJob{job.run_id, now, {}};
  }
  run_job(job, chosen, stop);
  go_on_with(queued, std::move(rest), stop);
  return true;
}

void Scheduler::run_job(const Job& job, const Result<void>& chosen, const std::stop_token& stop) {
  publish();
  log::info("verification starts", {{"target", job.target.name}, {"run", job.run_id}});
  RunEvents events;
  Duration told{};
  events.progress = [&](const Progress& progress) {
    {
      const std::lock_guard lock(mutex_);
      running_[job.target.name].progress = progress;
    }
    if (clock_.elapsed() - told < progress_interval) return;
    told = clock_.elapsed();
    publish();
  };
  const Run run =
      chosen ? runner_(job, stop, events) : without_backup(job, chosen.error(), clock_.now());
  // Said before it is recorded: a verdict must not be lost with a history that is away.
  log_end(run);
  finished(run);
}

// The rest waits at the end of the queue, so that one target's backlog keeps no other waiting.
void Scheduler::go_on_with(const Queued& queued, std::vector<Pick> rest,
                           const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(queued.target);
    Entry* entry = entry_of(queued.target);
    if (rest.empty() || entry == nullptr || !entry->plan->target.enabled || stop.stop_requested())
      return;
    entry->queued = true;
    queue_.push_back({queued.target, "backlog", {}, {}, std::move(rest)});
  }
  wake_.notify_all();
}

}  // namespace backproof
