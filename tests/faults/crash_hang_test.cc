// SPDX-License-Identifier: Apache-2.0
// A run that hangs, wherever it does, ends in time as inconclusive: timeout, and leaves nothing.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "model/begun_run.h"
#include "runner/plan.h"
#include "runner/worker.h"
#include "support/crash_site.h"
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// What a hung run may take to be noticed and to be gone, on a busy machine, too.
constexpr Duration patience = 20s;

Job job_of(const Path& backup) {
  Job job;
  job.target.name = "hung";
  job.target.checks = default_checks();
  job.backup = backup;
  return job;
}

Run run_of(const Job& job, const Path& program, const Path& scratch, const RunEvents& events) {
  return run_in_worker(job, program, scratch, system_clock(), {}, events);
}

// That it ended as a run that hangs has to, in that stage.
void check_hung(const Run& run, Stage stage, const Stopwatch& watch, const Scratch& scratch) {
  INFO(run.reason);
  CHECK(watch.took() < patience);
  CHECK(run.finished);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::timeout);
  CHECK(run.reason.find("stage " + std::string(name_of(stage)) + " ") != std::string::npos);
  REQUIRE_FALSE(run.stages.empty());
  CHECK(run.stages.back().stage == stage);
  CHECK(left_in(scratch.path()) == std::vector<std::string>{});
}

// Every process of the run is stopped at the beginning of `stage`, so that none can end itself.
void hang_in(Stage stage, const Path& backup, bool stopped, bool by_stage) {
  INFO(name_of(stage) << (stopped ? ", stopped" : ", waiting") << (by_stage ? "" : ", whole run"));
  const Orphans orphans;
  const StageGate gate;
  const Scratch scratch;
  Job job = job_of(backup);
  if (by_stage) job.target.limits.stage_timeouts[stage] = 300ms;
  job.target.limits.timeout = by_stage ? Duration{10min} : Duration{8s};
  std::size_t processes = 0;
  RunEvents events;
  events.stage_changed = [&](const Run& run) {
    if (run.stages.back().stage != stage) return gate.open();
    const std::vector<pid_t> all = descendants_of(getpid());
    processes = all.size();
    for (const pid_t pid : all)
      if (stopped) kill(pid, SIGSTOP);
  };
  const Stopwatch watch;
  const Run run = run_of(job, gate.program(), scratch.path(), events);
  check_hung(run, stage, watch, scratch);
  CHECK(processes >= 1);
  orphans.check_none();
}

// A job whose backup or check never ends, by the real worker as it is.
void hang_by_itself(const Job& job, Stage stage) {
  const Orphans orphans;
  const Scratch scratch;
  const Stopwatch watch;
  const Run run = run_of(job, BACKPROOF_PROGRAM, scratch.path(), {});
  check_hung(run, stage, watch, scratch);
  orphans.check_none();
}

// A good dump with one more statement at its end.
Path endless_dump(const Folder& folder, const std::string& statement) {
  const std::string dump = pg_shop();
  const std::size_t end = dump.rfind("\n--\n-- PostgreSQL database dump complete");
  REQUIRE(end != std::string::npos);
  return folder.write("a.sql", dump.substr(0, end) + "\n" + statement + ";\n" + dump.substr(end));
}

// A backend that serves a connection, as its title says.
bool is_backend(pid_t pid) {
  const auto title = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  return title && title->starts_with("postgres: ") &&
         title->find("backproof_superuser") != std::string::npos;
}

}  // namespace

TEST_CASE("a SQLite run that hangs in any stage ends in time, and nothing is left") {
  if (gate_missing()) return;
  const Folder folder;
  const Path backup = make_shop(folder);
  for (const Stage stage : all_stages)
    for (const bool stopped : {false, true}) hang_in(stage, backup, stopped, true);
  hang_in(Stage::check, backup, true, false);
}

TEST_CASE("a PostgreSQL run that hangs in any stage ends in time, its servers with it") {
  if (gate_missing() || pg_missing()) return;
  const Folder folder;
  const Path backup = make_pg_plain(folder, "shop.sql");
  for (const Stage stage : all_stages)
    for (const bool stopped : {false, true}) hang_in(stage, backup, stopped, true);
  hang_in(Stage::check, backup, true, false);
}

TEST_CASE("a SQLite dump that never ends is ended in its stage") {
  const Folder folder;
  Job job = job_of(folder.write(
      "a.sql",
      "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nWITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
      "FROM n) INSERT INTO t SELECT i FROM n WHERE i = 0;\nCOMMIT;\n"));
  job.target.limits.stage_timeouts[Stage::restore] = 500ms;
  hang_by_itself(job, Stage::restore);
}

TEST_CASE("a command that never makes a backup readable ends with its run, whoever is stopped") {
  const Folder folder;
  const Path backup = make_shop(folder);
  for (const bool stopped : {false, true}) {
    INFO((stopped ? "stopped" : "waiting"));
    Job job = job_of(backup);
    job.target.decrypt = DecryptSpec{"sleep 1000000 & sleep 1000000", {}, {}, 1h};
    job.target.limits.timeout = 6s;  // a busy machine takes seconds to get as far
    const Orphans orphans;
    const Scratch scratch;
    std::atomic<std::size_t> processes = 0;
    std::jthread stopper([&](const std::stop_token& stop) {
      while (!stop.stop_requested() && processes == 0) {
        const std::vector<pid_t> all = descendants_of(getpid());
        if (std::ranges::count_if(all, [](pid_t p) { return name_of_process(p) == "sleep"; }) < 2)
          continue;
        for (const pid_t pid : all)
          if (stopped) kill(pid, SIGSTOP);
        processes = all.size();
      }
    });
    const Stopwatch watch;
    const Run run = run_of(job, BACKPROOF_PROGRAM, scratch.path(), {});
    stopper.request_stop();
    stopper.join();
    INFO(run.reason);
    CHECK(processes >= 3);
    CHECK(watch.took() < patience);
    CHECK(run.cause == Cause::timeout);
    CHECK(left_in(scratch.path()) == std::vector<std::string>{});
    orphans.check_none();
  }
}

TEST_CASE("a check of SQLite that never ends is ended in its stage") {
  const Folder folder;
  Job job = job_of(make_shop(folder));
  job.target.checks = {
      {"sql",
       {{"query", Value{std::string("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) "
                                    "SELECT count(*) FROM n WHERE i = 0"),
                        1}},
        {"expect", Value{std::int64_t{0}, 1}}}}};
  job.target.limits.stage_timeouts[Stage::check] = 500ms;
  hang_by_itself(job, Stage::check);
}

TEST_CASE("statements of a PostgreSQL dump that never end are ended with their backends") {
  if (pg_missing()) return;
  const Folder folder;
  for (const char* endless :
       {"SELECT pg_sleep(1000000)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n",
        "DO $$ BEGIN LOOP BEGIN PERFORM 1/0; EXCEPTION WHEN division_by_zero THEN NULL; END; END "
        "LOOP; END $$"}) {
    Job job = job_of(endless_dump(folder, endless));
    job.target.limits.stage_timeouts[Stage::restore] = 6s;
    hang_by_itself(job, Stage::restore);
  }
}

TEST_CASE("a check of PostgreSQL that sleeps is ended in its stage") {
  if (pg_missing()) return;
  const Folder folder;
  Job job = job_of(make_pg_plain(folder, "shop.sql"));
  job.target.checks = {{"sql",
                        {{"query", Value{std::string("SELECT 1 FROM pg_sleep(1000000)"), 1}},
                         {"expect", Value{std::int64_t{1}, 1}}}}};
  job.target.limits.stage_timeouts[Stage::check] = 500ms;
  hang_by_itself(job, Stage::check);
}

TEST_CASE("backends that are stopped while they restore do not outlive their run") {
  if (pg_missing()) return;
  const Folder folder;
  Job job = job_of(endless_dump(folder, "SELECT pg_sleep(1000000)"));
  job.target.limits.stage_timeouts[Stage::restore] = 6s;
  const Orphans orphans;
  const Scratch scratch;
  // Each process of the server is in a session of its own: stopped once one of them is connected
  // to.
  std::atomic<bool> stopped = false;
  std::jthread stopper([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && !stopped) {
      const std::vector<pid_t> all = descendants_of(getpid());
      if (std::ranges::none_of(all, is_backend)) continue;
      for (const pid_t pid : all)
        if (name_of_process(pid) == "postgres") kill(pid, SIGSTOP);
      stopped = true;
    }
  });
  const Stopwatch watch;
  const Run run = run_of(job, BACKPROOF_PROGRAM, scratch.path(), {});
  stopper.request_stop();
  stopper.join();
  CHECK(stopped);
  check_hung(run, Stage::restore, watch, scratch);
  orphans.check_none();
}
