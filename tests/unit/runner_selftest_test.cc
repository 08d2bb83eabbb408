// SPDX-License-Identifier: Apache-2.0
#include "runner/selftest.h"

#include "runner/worker.h"
#include "unit/history_runs.h"

using namespace backproof;
using namespace backproof::test;

namespace {

Run verdict_run(Verdict verdict, Cause cause = Cause::none) {
  Run run;
  run.verdict = verdict;
  run.cause = cause;
  run.reason = verdict == Verdict::passed ? "" : "why";
  return run;
}

TrialResult result_of(DamageKind kind, const Run& run, bool manifest = false) {
  return judged(kind, run, verdict_run(Verdict::passed), manifest).result;
}

const std::string good_sha(64, 'a');

// A history with one pass, and workers that do nothing but answer.
struct Bench {
  Folder folder;
  FakeClock clock{start};
  std::unique_ptr<HistoryStore> history = history_at(folder / "h.sqlite");
  Path backup = folder.write("crm.db", "content");
  std::vector<Job> copies, verifications;
  std::optional<DamageKind> damaged;  // by the last copy
  std::function<Run(std::optional<DamageKind>)> answer = [](std::optional<DamageKind> kind) {
    return verdict_run(kind ? Verdict::failed : Verdict::passed,
                       kind ? Cause::damaged : Cause::none);
  };
  std::function<void(const Path&)> plant = [this](const Path& sandbox) {
    std::filesystem::create_directory(sandbox / "copy");
    std::filesystem::copy(backup, sandbox / "copy/crm.db");
  };
  std::stop_source stop;

  Run pass(TimePoint when, const std::string& sha256 = good_sha) const {
    Run run = passed_at(when);
    run.backup.path = backup;
    run.backup.sha256 = sha256;
    return run;
  }
  Selftest test() {
    SelftestOrder order;
    order.target.name = "crm";
    order.seed = 5;
    const SelftestTools tools{
        [this](const Job& job, const std::stop_token&) { return copy(job); },
        [this](const Job& job, const std::stop_token&) { return verify(job); }, folder / "scratch"};
    return run_selftest(order, *history, tools, clock, stop.get_token());
  }
  Run copy(const Job& job) {
    copies.push_back(job);
    damaged = job.damage->kind;
    plant(job.sandbox);
    Run run;
    run.restored = true;
    return run;
  }
  Run verify(const Job& job) {
    verifications.push_back(job);
    CHECK(std::filesystem::last_write_time(job.backup) == std::filesystem::last_write_time(backup));
    Run run = answer(damaged);
    run.backup.sha256 = damaged ? std::string(64, 'd') : good_sha;
    return run;
  }
};

}  // namespace

TEST_CASE("a damage that fails is caught, one that ends in no verdict is missed") {
  for (const DamageInfo& damage : all_damage_kinds) {
    CHECK(result_of(damage.kind, verdict_run(Verdict::failed, Cause::check_failed)) ==
          TrialResult::caught);
    CHECK(result_of(damage.kind, verdict_run(Verdict::inconclusive, Cause::unproven)) ==
          TrialResult::missed);
    CHECK(result_of(damage.kind, verdict_run(Verdict::inconclusive, Cause::crashed)) ==
          TrialResult::missed);
    CHECK(result_of(damage.kind, verdict_run(Verdict::inconclusive, Cause::space)) ==
          TrialResult::undecided);
  }
}

TEST_CASE("what passes is missed, unless it changes values only and there is no manifest") {
  const Run passed = verdict_run(Verdict::passed);
  CHECK(result_of(DamageKind::orphan_row, passed) == TrialResult::missed);
  CHECK(result_of(DamageKind::flip_data, passed) == TrialResult::needs_manifest);
  CHECK(result_of(DamageKind::flip_data, passed, true) == TrialResult::missed);
  CHECK(result_of(DamageKind::appended_junk, passed) == TrialResult::missed);
}

TEST_CASE("a new warning is enough for bytes behind the content, and for nothing else") {
  Run warned = verdict_run(Verdict::passed), before = warned;
  warned.findings = {{Severity::warning, Cause::none, "7 bytes of something else"}};
  CHECK(judged(DamageKind::appended_junk, warned, before, false).result == TrialResult::caught);
  CHECK(judged(DamageKind::cut_content, warned, before, false).result == TrialResult::missed);
  before.findings = warned.findings;
  CHECK(judged(DamageKind::appended_junk, warned, before, false).result == TrialResult::missed);
}

TEST_CASE("a check that only warns is told, and catches nothing") {
  Run warned = verdict_run(Verdict::passed);
  CheckResult drift;
  drift.check = "drift";
  drift.subject = "dropped orders";
  drift.verdict = Verdict::failed;
  drift.enforced = false;
  warned.checks = {drift};
  const Trial trial = judged(DamageKind::drop_tenth, warned, verdict_run(Verdict::passed), false);
  CHECK(trial.result == TrialResult::needs_manifest);
  CHECK(trial.reason == "passed, but a check warned: drift dropped orders");
}

TEST_CASE("an undamaged copy comes first, then every damage, one sandbox at a time") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start)));
  const Selftest test = bench.test();
  CHECK(test.result == Verdict::passed);
  CHECK(test.trials.size() == all_damage_kinds.size());
  CHECK(test.sha256 == good_sha);
  REQUIRE(bench.copies.size() >= 2);
  CHECK_FALSE(bench.copies.front().damage->kind);
  CHECK(bench.copies.back().damage->seed == 5);
  CHECK(bench.verifications.size() == bench.copies.size());
  CHECK(count_sandboxes(bench.folder / "scratch") == 0);
  // Without a source there is nothing older.
  CHECK(test.trials[static_cast<std::size_t>(DamageKind::stale_copy)].result ==
        TrialResult::not_applicable);
  CHECK(bench.history->list({})->size() == 1);
  CHECK_FALSE(bench.history->history_of("crm")->last_selftest);
}

TEST_CASE("the memory is that of other backups, and a manifest beside the backup goes with it") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start - std::chrono::hours(48), std::string(64, 'b'))));
  REQUIRE(bench.history->finish(bench.pass(start - std::chrono::hours(24))));
  REQUIRE(bench.history->finish(bench.pass(start)));
  bench.folder.write("crm.db.manifest.json", "{}");
  const Selftest test = bench.test();
  CHECK(test.manifest);
  CHECK(bench.copies.front().damage->manifest == bench.folder / "crm.db.manifest.json");
  REQUIRE(bench.verifications.front().memory.size() == 1);
  CHECK(bench.verifications.front().memory.front().sha256 == std::string(64, 'b'));
}

TEST_CASE("without a pass, or without its file, a self-test cannot be done") {
  Bench bench;
  Selftest test = bench.test();
  CHECK(test.result == Verdict::inconclusive);
  CHECK(test.reason.starts_with("no backup of this target has passed yet"));
  REQUIRE(bench.history->finish(bench.pass(start)));
  std::filesystem::remove(bench.backup);
  test = bench.test();
  CHECK(test.result == Verdict::inconclusive);
  CHECK(test.reason.starts_with("none of the backups that passed is there any more; "));
  CHECK(bench.copies.empty());
}

TEST_CASE("a backup that changed since it passed is nothing to test with") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start, std::string(64, 'c'))));
  const Selftest test = bench.test();
  CHECK(test.result == Verdict::inconclusive);
  CHECK(test.reason.starts_with("the backup is not the one that passed"));
  CHECK(test.trials.empty());
}

TEST_CASE("an undamaged copy that fails is a failed self-test") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start)));
  bench.answer = [](auto) { return verdict_run(Verdict::failed, Cause::check_failed); };
  const Selftest test = bench.test();
  CHECK(test.result == Verdict::failed);
  CHECK(test.reason == "an undamaged copy failed: why");
}

TEST_CASE("a stop ends it after the damage that was being tried") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start)));
  bench.answer = [&](std::optional<DamageKind> kind) {
    if (kind == DamageKind::flip_data) bench.stop.request_stop();
    return verdict_run(kind ? Verdict::failed : Verdict::passed,
                       kind ? Cause::damaged : Cause::none);
  };
  const Selftest test = bench.test();
  CHECK(test.result == Verdict::inconclusive);
  CHECK(test.trials.size() == 3);
}

TEST_CASE("a worker that was taken over cannot have another file verified in place of its copy") {
  Bench bench;
  REQUIRE(bench.history->finish(bench.pass(start)));
  std::filesystem::create_directory(bench.folder / "secret");
  const Path secret = bench.folder.write("secret/crm.db", "x");
  const auto before = std::filesystem::last_write_time(secret);
  const std::vector<std::function<void(const Path&)>> tricks{
      [&](const Path& sandbox) {
        std::filesystem::create_directory(sandbox / "copy");
        std::filesystem::create_symlink(secret, sandbox / "copy/crm.db");
      },
      [&](const Path& sandbox) {
        std::filesystem::create_directory_symlink(secret.parent_path(), sandbox / "copy");
      },
      [&](const Path& sandbox) {
        std::filesystem::create_directories(sandbox / "copy/crm.db");
        std::filesystem::create_symlink(secret, sandbox / "copy/crm.db/toc.dat");
      },
      [&](const Path& sandbox) {
        std::filesystem::create_directory(sandbox / "copy");
        sh("mkfifo " + (sandbox / "copy/crm.db").native());
      },
      [](const Path&) {}};
  for (const auto& trick : tricks) {
    bench.plant = trick;
    const Selftest test = bench.test();
    CHECK(test.result == Verdict::inconclusive);
    CHECK(test.reason.starts_with("no copy of the backup could be made: the copy is "));
  }
  CHECK(bench.verifications.empty());
  CHECK(std::filesystem::last_write_time(secret) == before);
  CHECK(count_sandboxes(bench.folder / "scratch") == 0);
}
