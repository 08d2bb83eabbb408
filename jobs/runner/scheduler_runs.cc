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

// The backup as the source lists it now; null: it is gone, or another one has taken its name.
const Backup* find_again(const Backup& backup, const Listing& listing) {
  const auto found = std::ranges::find_if(listing.backups, [&](const Backup& there) {
    return is_same_backup(there, backup.id, backup.bytes, backup.modified) &&
           (backup.inode == 0 || there.inode == backup.inode);
  });
  return found == listing.backups.end() ? nullptr : &*found;
}

// That the service was stopped says nothing of the backup, and nobody wanted this run to end: it is
// made again.
void blame_the_stop(Run& run) {
  for (StageResult& stage : run.stages)
    if (stage.error && stage.error->cause == Cause::cancelled)
      stage.error = Error{Cause::interrupted, "the service was stopped: " + stage.error->text,
                          "what may be tried again is when the service starts"};
  conclude(run);
}

}  // namespace

void Scheduler::work(const std::stop_token& stop) {
  while (true) {
    Queued next;
    std::stop_source end;
    {
      std::unique_lock lock(mutex_);
      std::optional<Queued> taken;
      const auto ready = [&] {
        if (busy_ < settings_.workers + stuck_) taken = take_next(clock_.now());
        return taken.has_value();
      };
      if (!wake_.wait(lock, stop, ready) || stop.stop_requested()) return;
      next = *std::move(taken);
      AtWork& work = at_work_[next.target];
      work.run_id = next.run_id;
      end = work.stop;
      ++busy_;
    }
    const std::stop_callback with_service(stop, [&] { end.request_stop(); });
    const bool done = perform(next, end.get_token(), stop);
    {
      std::unique_lock lock(mutex_);
      --busy_;
      promises_.release(next.run_id);
      at_work_.erase(next.target);
      // What could not even be begun waits for the history to come back.
      if (!done && entry_of(next.target) != nullptr) {
        queue_.push_back(next);
        wake_.wait_for(lock, stop, between_tries, [] { return false; });
      }
    }
    wake_.notify_all();
    publish();
  }
}

// What it was queued for is gone or disabled meanwhile: null.
std::shared_ptr<const Plan> Scheduler::plan_for(const Queued& queued, Job& job) {
  const std::lock_guard lock(mutex_);
  Entry* entry = entry_of(queued.target);
  if (entry == nullptr || !entry->queued) return nullptr;
  if (!entry->plan->target.enabled && !queued.by_hand) {
    leave_queue(queued.target);
    return nullptr;
  }
  job.target = entry->plan->target;
  if (queued.scratch > 0) job.target.limits.scratch = queued.scratch;
  return entry->plan;
}

// What to verify of all that is there now: the first of it goes to the job, the rest stays in
// `picks`. Of what was chosen before, those that are gone are left out.
Result<void> Scheduler::choose_for(const Plan& plan, const Queued& queued, Job& job,
                                   std::vector<Pick>& picks, const std::stop_token& stop) {
  TRY(answers(plan));
  const Asking asking(*this, plan.source->fetches() ? "" : plan.target.name);
  const TimePoint now = clock_.now();
  std::vector<std::string> notes;
  if (queued.rest.empty()) {
    const auto select = [&](const SelectSpec& by) {
      return select_backups(plan, by, history_, settings_.looker, now, queued.scheduled, stop);
    };
    TRY_ASSIGN(Selection selection, select(plan.target.select));
    // Whoever asks for a verification gets one, where every backup was verified already, too.
    if (selection.picks.empty() && queued.by_hand) {
      TRY_ASSIGN(selection, select(SelectSpec{}));
    }
    picks = std::move(selection.picks);
    notes = std::move(selection.notes);
  } else {
    TRY_ASSIGN(const Listing listing, plan.source->list(now, stop));
    for (const Pick& pick : queued.rest)
      if (const Backup* const there = find_again(pick.backup, listing)) {
        picks.push_back(pick);
        picks.back().backup.inode = there->inode;
        picks.back().backup.version = there->version;
      }
  }
  if (picks.empty()) return {};
  give(job, picks.front(), notes);
  picks.erase(picks.begin());
  return {};
}

bool Scheduler::perform(const Queued& queued, const std::stop_token& end,
                        const std::stop_token& service) {
  const TimePoint now = clock_.now();
  Job job;
  job.run_id = queued.run_id;
  job.trigger = queued.by_hand ? "manual" : queued.trigger;
  job.attempt = queued.attempt;
  job.scheduled = queued.scheduled;
  const auto plan = plan_for(queued, job);
  if (plan == nullptr) return true;
  std::vector<Pick> rest;
  const Result<void> chosen = choose_for(*plan, queued, job, rest, end);
  if (chosen && job.chosen.id.empty()) {
    const std::lock_guard lock(mutex_);
    leave_queue(queued.target);
    return true;
  }
  if (!chosen) not_listed(queued.target, chosen.error());
  job.memory = remember(history_, queued.target, job.chosen);
  const Result<void> begins = history_.begin(begun_run(job, now));
  history_wrote(begins, "begin a run");
  if (!begins) return false;
  {
    const std::lock_guard lock(mutex_);
    leave_queue(queued.target);
    running_[queued.target] = RunningJob{job.run_id, now, {}};
  }
  run_job(job, chosen, end, service);
  go_on_with(queued, std::move(rest), service);
  return true;
}

void Scheduler::run_job(const Job& job, const Result<void>& chosen, const std::stop_token& end,
                        const std::stop_token& service) {
  publish();
  log::info("verification starts", {{"target", job.target.name}, {"run", job.run_id}});
  RunEvents events;
  Duration told{};
  events.progress = [&](const Progress& progress) {
    {
      const std::lock_guard lock(mutex_);
      running_[job.target.name].progress = progress;
      if (Entry* entry = entry_of(job.target.name)) touch(*entry);
    }
    if (clock_.elapsed() - told < progress_interval) return;
    told = clock_.elapsed();
    publish();
  };
  Run run = chosen ? runner_(job, end, events) : without_backup(job, chosen.error(), clock_.now());
  if (run.cause == Cause::cancelled && service.stop_requested() && !was_cancelled(job.target.name))
    blame_the_stop(run);
  // Said before it is recorded: a verdict must not be lost with a history that is away.
  log_end(run);
  finished(run);
}

bool Scheduler::was_cancelled(const std::string& target) {
  const std::lock_guard lock(mutex_);
  return at_work_[target].cancelled;
}

// What arrived waits until the source can be listed again: else each look would make a run of it.
void Scheduler::not_listed(const std::string& target, const Error& error) {
  const std::lock_guard lock(mutex_);
  if (Entry* const entry = entry_of(target)) {
    entry->inventory.error = error.str();
    touch(*entry);
  }
}

// The rest waits at the end of the queue, so that one target's backlog keeps no other waiting.
void Scheduler::go_on_with(const Queued& queued, std::vector<Pick> rest,
                           const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(queued.target);
    Entry* entry = entry_of(queued.target);
    if (entry == nullptr) return;
    touch(*entry);
    if (rest.empty() || !entry->plan->target.enabled || stop.stop_requested()) return;
    const bool arrived = queued.trigger == "arrival";
    queue(*entry,
          {.trigger = arrived ? "arrival" : "backlog", .rest = std::move(rest), .goes_on = true});
  }
  wake_.notify_all();
}

}  // namespace backproof
