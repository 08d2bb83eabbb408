// SPDX-License-Identifier: Apache-2.0
#include "unit/exporter_samples.h"

#include "support/support.h"

namespace backproof::test {
namespace {

using namespace std::chrono_literals;

TargetState state_of(const std::string& name, std::vector<std::string> checks) {
  TargetState state;
  state.target->name = name;
  state.target->source.kind = "directory";
  for (auto& kind : checks) state.target->checks.push_back({std::move(kind), {}});
  state.history.created = at("2026-10-01T00:00:00Z");
  return state;
}

TargetState passing() {
  TargetState state = state_of("passing", {"integrity", "foreign_keys", "row_count", "row_count"});
  state.target->engine.kind = "sqlite_file";
  state.target->schedule = Schedule::parse("0 3 * * *", "Europe/Berlin").value();
  state.target->max_age = 52h;
  state.target->rpo = 26h;
  state.target->rto = 10min;
  state.interval = 25h;
  state.next_due = at("2026-11-24T02:00:00Z");
  state.inventory = {
      at("2026-11-23T02:00:00Z"), 14,
      Backup{"b-14.db.gz", "/backups/b-14.db.gz", at("2026-11-23T01:30:00Z"), 123456, ""}, ""};
  state.target->select = {Policy::coverage, 1, 30 * 24h};
  auto coverage = std::make_shared<Coverage>();
  *coverage = {9, 4, 1, 2, at("2026-11-22T01:30:00Z"), {}};
  Backup hostile = *state.inventory.newest;
  hostile.id = hostile_name;
  hostile.evidence = Evidence::content;
  coverage->newest = {
      {*state.inventory.newest,
       BackupRecord{"b-14.db.gz", 123456, at("2026-11-23T01:30:00Z"), at("2026-11-23T01:30:00Z"),
                    at("2026-11-23T02:00:00Z"), at("2026-11-23T02:00:00Z"), Verdict::passed,
                    "20261123T020003Z-00000001", at("2026-11-23T02:00:00Z")}},
      {hostile, {}}};
  state.coverage = coverage;
  Run run = sample_run("passing", "2026-11-23T02:00:03.5Z");
  run.scheduled = at("2026-11-23T02:00:00Z");
  state.history.last_run = state.history.last_passed = state.history.last_restored = run;
  Totals& totals = state.history.totals;
  totals.runs = 30;
  totals.failures[Cause::space] = 1;
  for (const Stage stage : all_stages) totals.phases[stage] = 12s + 345ms;
  totals.checks = {{"integrity", 30}, {"foreign_keys", 30}, {"row_count", 60}, {"gone", 3}};
  totals.misfires = {{"downtime", 2}};
  totals.restored_bytes = 9'007'199'254'740'991;
  state.target->selftest = Schedule::parse("@weekly").value();
  state.selftest_interval = 7 * 24h;
  Selftest& selftest = state.history.last_selftest.emplace();
  selftest.started = at("2026-11-22T04:00:00Z");
  selftest.took = 20min;
  for (const DamageInfo& damage : all_damage_kinds)
    selftest.trials.push_back({damage.kind,
                               damage.expectation == Expectation::manifest
                                   ? TrialResult::needs_manifest
                                   : TrialResult::caught,
                               Verdict::failed, Cause::damaged, ""});
  conclude(selftest);
  state.target->drill.emplace().schedule = Schedule::parse("0 4 1 */3 *").value();
  state.drill_interval = 92 * 24h;
  state.drill_next = at("2027-01-01T04:00:00Z");
  state.history.drill_since = at("2026-09-01T00:00:00Z");
  state.history.last_drill = state.history.last_drill_ended =
      sample_drill("passing", "2026-10-01T04:00:00Z");
  totals.drills = 3;
  totals.drill_failures = {{DrillCause::source, 1}};
  return state;
}

TargetState failing() {
  TargetState state = state_of("failing", {"integrity", "row_count"});
  state.target->enabled = false;
  state.next_due = at("2026-11-24T02:00:00Z");
  state.interval = 24h;
  state.inventory = {at("2026-11-22T00:00:00Z"), 0, std::nullopt, "permission denied"};
  Run restored = sample_run("failing", "2026-11-20T02:00:00Z");
  restored.checks[0].verdict = Verdict::failed;
  restored.verdict = Verdict::failed;
  restored.cause = Cause::check_failed;
  restored.reason = "check integrity failed";
  state.history.last_restored = restored;
  Run run = sample_run("failing", "2026-11-22T02:00:00Z");
  run.checks.clear();
  run.stages.resize(3);
  run.restored = false;
  run.tables.clear();
  run.restored_bytes = 0;
  run.verdict = Verdict::failed;
  run.cause = Cause::truncated;
  run.reason = hostile_reason;
  run.hint = "copy it <again>";
  state.history.last_run = run;
  state.history.consecutive_failures = 2;
  state.history.failed_since_pass = true;
  state.history.totals.runs = 2;
  state.history.totals.failures = {{Cause::check_failed, 1}, {Cause::truncated, 1}};
  state.history.totals.checks = {{"integrity", 1}, {"row_count", 1}};
  state.history.totals.check_failures = {{"integrity", 1}};
  return state;
}

TargetState unsure() {
  TargetState state = state_of("unsure", {"integrity"});
  Run run = sample_run("unsure", "2026-11-22T05:00:00Z");
  run.checks[0].verdict = Verdict::inconclusive;
  run.checks[0].cause = Cause::timeout;
  run.verdict = Verdict::inconclusive;
  run.cause = Cause::timeout;
  run.reason = "check integrity took longer than 6h";
  state.history.last_run = state.history.last_restored = run;
  state.history.last_passed = sample_run("unsure", "2026-11-21T05:00:00Z");
  state.history.consecutive_failures = 1;
  state.history.totals.runs = 2;
  state.history.totals.failures = {{Cause::timeout, 1}};
  state.running = RunningJob{
      "20261123T115900Z-00000001", at("2026-11-23T11:59:00Z"), {Stage::restore, 40, 100}};
  return state;
}

}  // namespace

Run sample_run(const std::string& target, const std::string& started) {
  Run run;
  run.started = at(started);
  run.id = new_run_id(run.started).substr(0, 17) + "0123abcd";
  run.target = target;
  run.trigger = "schedule";
  run.took = 70s + 250ms;
  run.finished = true;
  run.backup = {"b.db.gz", "/backups/b.db.gz", run.started - 30min, 123456, std::string(64, 'a')};
  run.format = {"sqlite database", "gzip", "3.40.1", "", "", "", ""};
  run.isolation = Isolation::full;
  for (const Stage stage : all_stages) run.stages.push_back({stage, 10s, std::nullopt});
  run.checks = {{"integrity", "", Verdict::passed, Cause::none, true, true, "ok", "ok", "", 1s},
                {"row_count", "t", Verdict::passed, Cause::none, true, true, "7", ">= 1", "", 1s}};
  run.tables = {{"main", "t", 7}, {"main", "u", 35}};
  run.restored_bytes = 1'048'576;
  run.restored = true;
  run.log = {{run.started, "began"}};
  run.verdict = Verdict::passed;
  run.cause = Cause::none;
  return run;
}

Drill sample_drill(const std::string& target, const std::string& started) {
  Drill drill;
  drill.started = at(started);
  drill.id = new_run_id(drill.started).substr(0, 17) + "4567abcd";
  drill.target = target;
  drill.trigger = "schedule";
  drill.took = 12min + 30s;
  drill.rto_objective = 5min;
  drill.rpo_objective = 24h;
  drill.stages = {{DrillStage::canary, 250ms, "a row in drills", {}},
                  {DrillStage::backup, 90s, "pg_dump wrote 3 MiB", {}},
                  {DrillStage::verify, 200s, "passed, against its manifest", {}},
                  {DrillStage::lose, 2s + 500ms, "server killed, data directory wiped", {}},
                  {DrillStage::restore, 6min, "/bin/sh restored into an empty server", {}},
                  {DrillStage::prove, 97s, "equal to the manifest, 14 checks passed", {}}};
  drill.backup = "/backups/b.dump";
  drill.backup_created = drill.started + 90s;
  drill.stand_in = "b-13.dump of the day before, restored";
  drill.by_command = drill.with_manifest = true;
  drill.lost = drill.started + 293s;
  drill.recovery = 457s;
  drill.newest = drill.lost - 2h;
  drill.newest_by = "table public.orders";
  drill.proof = sample_run(target, "2026-10-01T04:10:00Z");
  drill.proof->log.clear();
  drill.warnings = {"the backup was not encrypted"};
  drill.not_drilled = {"DNS and the network", "keys on another host"};
  drill.finished = true;
  conclude(drill);
  return drill;
}

Drill sample_failed_drill(const std::string& target, const std::string& started) {
  Drill drill;
  drill.started = at(started);
  drill.id = new_run_id(drill.started).substr(0, 17) + "4567dcba";
  drill.target = target;
  drill.took = 3s;
  drill.stages = {{DrillStage::backup, 3s, "",
                   DrillError{DrillCause::backup, hostile_reason, "run it <by hand>"}}};
  drill.finished = true;
  conclude(drill);
  return drill;
}

Snapshot sample_snapshot() {
  Snapshot snapshot;
  snapshot.made = sample_now();
  snapshot.targets = {passing(), failing(), unsure(),
                      state_of(hostile_name, {"integrity", "row_count"})};
  snapshot.targets.own(3).queued = true;
  snapshot.queued = 1;
  snapshot.workers = 2;
  snapshot.workers_busy = 1;
  snapshot.sandboxes = 1;
  snapshot.scratch_available = 5'000'000'000;
  snapshot.scratch_size = 20'000'000'000;
  snapshot.scheduler_last_tick = at("2026-11-23T11:59:59.123456Z");
  snapshot.history_errors = 3;
  snapshot.config = {"/etc/backproof/backproof.toml", true, at("2026-11-20T00:00:00Z")};
  snapshot.build = {"0.1.0", "0123456789ab", "gcc 12.2.0"};
  return snapshot;
}

metrics::ProcessStats sample_process() {
  metrics::ProcessStats stats;
  stats.cpu_seconds = 1.25;
  stats.start_seconds = 1'795'000'000.5;
  stats.virtual_bytes = 100'000'000;
  stats.resident_bytes = 20'000'000;
  stats.threads = 40;
  stats.open_fds = 15;
  stats.max_fds = 1024;
  return stats;
}

TimePoint sample_now() {
  return at("2026-11-23T12:00:00Z");
}

}  // namespace backproof::test
