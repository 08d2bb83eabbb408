// SPDX-License-Identifier: Apache-2.0
#include "exporter/target_json.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "runner/side_schedule.h"

namespace backproof::api {
namespace {

// Members stay in the order in which they are written here.
using Json = nlohmann::ordered_json;

std::string dumped(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json time_or_null(TimePoint t) {
  return t == TimePoint{} ? Json() : Json(text::format_time(t));
}

Json text_or_null(const std::string& s) {
  return s.empty() ? Json() : Json(s);
}

// 0 = none.
Json seconds_or_null(Duration d) {
  return d == Duration{} ? Json() : Json(seconds_of(d));
}

// A person looks for the file's path; other sources have only a name.
std::string name_of_backup(const Backup& backup) {
  return backup.path.empty() ? backup.id : backup.path.native();
}

Json backup_json(const Backup& backup) {
  return {{"id", backup.id},
          {"file", text_or_null(name_of_backup(backup))},
          {"created", time_or_null(backup.created)},
          {"evidence", name_of(backup.evidence)},
          {"modified", time_or_null(backup.modified)},
          {"bytes", backup.bytes},
          {"sha256", text_or_null(backup.sha256)}};
}

Json run_summary(const Boxed<Run>& run) {
  if (!run) return nullptr;
  return {{"id", run->id},
          {"verdict", name_of(run->verdict)},
          {"cause", run->cause == Cause::none ? Json() : Json(name_of(run->cause))},
          {"reason", text_or_null(run->reason)},
          {"hint", text_or_null(run->hint)},
          {"trigger", run->trigger},
          {"attempt", run->attempt},
          {"started", time_or_null(run->started)},
          {"ended", time_or_null(end_of(*run))},
          {"seconds", seconds_of(run->took)},
          {"isolation", name_of(run->isolation)},
          {"backup", backup_json(run->backup)},
          {"restored", run->restored},
          {"restored_bytes", run->restored_bytes},
          {"restore_seconds", run->restored ? Json(seconds_of(restore_time(*run))) : Json()},
          {"tables", run->tables.size()},
          {"rows", total_rows(*run)}};
}

Json running_json(const std::optional<RunningJob>& running) {
  if (!running) return nullptr;
  const Progress& progress = running->progress;
  return {{"run", running->run_id},
          {"started", time_or_null(running->started)},
          {"stage", name_of(progress.stage)},
          {"done", progress.done},
          {"total", progress.total == 0 ? Json() : Json(progress.total)}};
}

Json inventory_json(const Inventory& inventory) {
  return {{"listed", time_or_null(inventory.listed)},
          {"backups", inventory.backups},
          {"newest", inventory.newest ? backup_json(*inventory.newest) : Json()},
          {"error", text_or_null(inventory.error)}};
}

Json select_json(const SelectSpec& select) {
  return {{"policy", name_of(select.policy)},
          {"count", select.policy == Policy::random ? Json(select.count) : Json()},
          {"within_seconds", seconds_or_null(select.within)}};
}

Json retained_json(const RetainedBackup& retained) {
  Json json = backup_json(retained.backup);
  const auto& record = retained.record;
  json.erase("sha256");
  json["verdict"] = record && record->verdict ? Json(name_of(*record->verdict)) : Json();
  json["verified"] = record ? time_or_null(record->verified) : Json();
  json["run"] = record ? text_or_null(record->run_id) : Json();
  json["last_passed"] = record ? time_or_null(record->passed) : Json();
  return json;
}

// Backups are the newest of those that the source holds; the counts are of all.
Json coverage_json(const Coverage& coverage) {
  Json newest = Json::array();
  for (const RetainedBackup& retained : coverage.newest) newest.push_back(retained_json(retained));
  return {{"unverified", coverage.unverified},
          {"passed", coverage.passed},
          {"failed", coverage.failed},
          {"overdue", coverage.overdue},
          {"newest_passed", time_or_null(coverage.newest_passed)},
          {"backups", newest}};
}

Json totals_json(const Totals& totals) {
  Json failures = Json::object(), phases = Json::object();
  for (const auto& [cause, count] : totals.failures) failures[std::string(name_of(cause))] = count;
  for (const auto& [stage, took] : totals.phases)
    phases[std::string(name_of(stage))] = seconds_of(took);
  return {{"runs", totals.runs},
          {"failures", failures},
          {"phase_seconds", phases},
          {"checks", totals.checks},
          {"check_failures", totals.check_failures},
          {"misfires", totals.misfires},
          {"restored_bytes", totals.restored_bytes}};
}

// What moves the starts of all that is scheduled of a target.
void put_start_rules(Json& json, const Target& target) {
  json["jitter_seconds"] = seconds_or_null(target.jitter);
  json["blackout"] = target.blackout.windows();
}

Json schedule_json(const TargetState& state) {
  const auto& schedule = state.target->schedule;
  if (!schedule) return nullptr;
  Json json{{"cron", schedule->expression()},
            {"time_zone", schedule->zone()},
            {"interval_seconds", seconds_or_null(state.interval)}};
  put_start_rules(json, *state.target);
  return json;
}

// The document that the command writes, and what a reader would have to work out of it.
Json selftest_json(const Boxed<Selftest>& test) {
  if (!test) return nullptr;
  Json json = Json::parse(to_json(*test));
  json["ended"] = time_or_null(end_of(*test));
  Json counts = Json::object();
  for (const TrialResult result : all_trial_results)
    counts[std::string(name_of(result))] = count_of(*test, result);
  json["counts"] = std::move(counts);
  return json;
}

Json selftest_schedule_json(const TargetState& state, TimePoint now) {
  const auto& schedule = state.target->selftest;
  if (!schedule) return nullptr;
  const SideWork& work = state.selftest_work;
  return {{"cron", schedule->expression()},
          {"time_zone", schedule->zone()},
          {"interval_seconds", seconds_or_null(state.selftest_interval)},
          {"next", time_or_null(selftest_due(state, work.begun, now))},
          {"running", work.running ? time_or_null(work.begun) : Json()}};
}

// The document of the API without what is long.
Json drill_json(const Boxed<Drill>& drill) {
  if (!drill) return nullptr;
  Json json = Json::parse(to_json(*drill));
  json.erase("proof");
  json["ended"] = time_or_null(end_of(*drill));
  return json;
}

Json drill_schedule_json(const TargetState& state) {
  if (!state.target->drill || !state.target->drill->schedule) return nullptr;
  const Schedule& schedule = *state.target->drill->schedule;
  const SideWork& work = state.drill_work;
  return {{"cron", schedule.expression()},
          {"time_zone", schedule.zone()},
          {"interval_seconds", seconds_or_null(state.drill_interval)},
          {"next", time_or_null(state.drill_next)},
          {"running", work.running ? time_or_null(work.begun) : Json()}};
}

// Null where drills are neither configured nor known.
Json drills_json(const TargetState& state) {
  const TargetHistory& history = state.history;
  if (!state.target->drill && !history.last_drill_ended) return nullptr;
  return {{"configured", state.target->drill.has_value()},
          {"total", history.totals.drills},
          {"last", drill_json(history.last_drill)},
          {"last_ended", drill_json(history.last_drill_ended)},
          {"schedule", drill_schedule_json(state)}};
}

Json target_json(const TargetState& state, TimePoint now) {
  const Target& target = *state.target;
  Json checks = Json::array();
  for (const Spec& spec : target.checks) checks.push_back(spec.kind);
  return {{"name", target.name},
          {"enabled", target.enabled},
          {"engine", target.engine.kind},
          {"source", target.source.kind},
          {"select", select_json(target.select)},
          {"checks", checks},
          {"schedule", schedule_json(state)},
          {"objectives",
           {{"max_age_seconds", seconds_or_null(target.max_age)},
            {"rpo_seconds", seconds_or_null(target.rpo)},
            {"rto_seconds", seconds_or_null(target.rto)},
            {"timeout_seconds", seconds_or_null(target.limits.timeout)}}},
          {"created", time_or_null(state.history.created)},
          {"next_run", target.enabled ? time_or_null(state.next_due) : Json()},
          {"queued", state.queued},
          {"running", running_json(state.running)},
          {"last_run", run_summary(state.history.last_run)},
          {"last_passed", run_summary(state.history.last_passed)},
          {"consecutive_failures", state.history.consecutive_failures},
          {"inventory", inventory_json(state.inventory)},
          {"coverage", coverage_json(*state.coverage)},
          {"totals", totals_json(state.history.totals)},
          {"selftest", selftest_json(state.history.last_selftest)},
          {"selftest_undone", selftest_json(state.history.selftest_undone)},
          {"selftest_schedule", selftest_schedule_json(state, now)},
          {"drill", drills_json(state)}};
}

std::string_view status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "success";
    case Verdict::failed:
      return "failed";
    case Verdict::inconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

}  // namespace

std::string targets_json(const Snapshot& snapshot) {
  Json list = Json::array();
  for (const auto& state : snapshot.targets) list.push_back(target_json(state, snapshot.made));
  return dumped({{"targets", list}});
}

std::string verification_json(const Run* last) {
  if (last == nullptr)
    return dumped(
        {{"last_verification", nullptr}, {"status", "never_run"}, {"backup_file", nullptr}});
  return dumped({{"last_verification", time_or_null(end_of(*last))},
                 {"status", status_of(last->verdict)},
                 {"backup_file", text_or_null(name_of_backup(last->backup))}});
}

std::string error_json(const Error& error) {
  return dumped({{"error", error.text}, {"hint", text_or_null(error.hint)}});
}

Response json(int status, std::string document) {
  document += '\n';
  return {status, "application/json", std::move(document), {}};
}

}  // namespace backproof::api
