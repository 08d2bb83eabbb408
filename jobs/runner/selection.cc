// SPDX-License-Identifier: Apache-2.0
#include "runner/selection.h"

#include <limits>

#include "base/text.h"
#include "model/begun_run.h"
#include "model/log_line.h"
#include "model/start.h"

namespace backproof {
namespace {

constexpr std::size_t most_named = 20;

std::vector<std::string> shortened(std::vector<std::string> notes) {
  if (notes.size() <= most_named) return notes;
  const std::size_t more = notes.size() - most_named;
  notes.resize(most_named);
  notes.push_back("and " + text::format_count(more) + " more that were passed over");
  return notes;
}

}  // namespace

Result<Selection> select_backups(const Plan& plan, const SelectSpec& select, HistoryStore& history,
                                 const Looker& looker, TimePoint now, TimePoint scheduled,
                                 const std::stop_token& stop) {
  if (plan.source == nullptr)
    return Error{Cause::fetch, "no backup is named and the target has no source", ""};
  std::size_t looks = std::numeric_limits<std::size_t>::max();
  TRY_ASSIGN(Survey found, survey(plan, history, looker, now, looks, stop));
  if (found.backups.empty())
    return Error{Cause::fetch, "the source holds no backup",
                 found.notes.empty() ? "" : "passed over: " + found.notes.front()};
  TRY_ASSIGN(const TargetHistory known, history.history_of(plan.target.name));
  const DueTime due{now, scheduled, interval_of(plan.target, plan.target.schedule, now),
                    known.created};
  Choice choice = choose(select, retained_of(found.backups, known.backups), due);
  Selection selection{std::move(choice.picks), std::move(found.notes)};
  for (std::string& note : choice.passed_over) selection.notes.push_back(std::move(note));
  selection.notes = shortened(std::move(selection.notes));
  return selection;
}

void give(Job& job, const Pick& pick, const std::vector<std::string>& notes) {
  job.chosen = pick.backup;
  job.notes = {"chosen: " + text::printable(pick.backup.id) + " of " + dated(pick.backup) + ": " +
               pick.reason};
  job.notes.insert(job.notes.end(), notes.begin(), notes.end());
}

Run without_backup(const Job& job, const Error& error, TimePoint now) {
  Run run = begun_run(job, now);
  run.finished = true;
  run.stages.push_back({Stage::select, {}, error});
  conclude(run);
  run.log = {end_line(run, now)};
  return run;
}

}  // namespace backproof
