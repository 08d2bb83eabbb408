// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_claims.h"

#include "model/log_line.h"
#include "model/run_json.h"
#include "runner_worker_script.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const std::string escape = "\033[2J\033]0;title\007";

// The run of an honest worker when stage fetch begins, and all that it says of the backup.
Run fetching() {
  Run run = passing();
  run.finished = false;
  run.checks.clear();
  run.stages.resize(3);
  run.isolation = Isolation::partial;
  run.backup = {"a\n.db", "/backups/a\n.db", at("2026-11-23T03:00:00Z"), 4096, ""};
  return run;
}

struct Judge {
  Judge() : claims(job()) {}
  static Job job() {
    Job job;
    job.target.checks = {{"integrity", {}}};
    return job;
  }
  Run imposed(Run run) const {
    claims.impose(run, started, now);
    return run;
  }
  const TimePoint started = at("2026-11-23T14:00:00Z"), now = at("2026-11-23T15:00:00Z");
  WorkerClaims claims;
};

}  // namespace

TEST_CASE("what a worker said of its backup before it read it cannot be changed later") {
  Judge judge;
  judge.claims.pin(fetching(), judge.now);
  Run later = passing();
  later.backup = {"other", "/etc/shadow", at("9999-01-01T00:00:00Z"), UINTMAX_MAX, "<script>"};
  judge.claims.pin(later, judge.now);
  const Run run = judge.imposed(later);
  CHECK(run.backup == fetching().backup);
  CHECK(run.isolation == Isolation::partial);
  later.backup.sha256 = std::string(64, 'a');
  CHECK(judge.imposed(later).backup.sha256 == later.backup.sha256);
  later.backup.sha256[7] = 'A';
  CHECK(judge.imposed(later).backup.sha256.empty());
}

TEST_CASE("nothing is pinned while a worker has not left stage sandbox") {
  Judge judge;
  Run early = fetching();
  early.stages.resize(2);
  early.isolation = Isolation::none;
  judge.claims.pin(early, judge.now);
  judge.claims.pin(fetching(), judge.now);
  CHECK(judge.imposed(passing()).isolation == Isolation::partial);
}

TEST_CASE("a backup that is fetched before the sandbox is pinned behind it, with what came") {
  Job job = Judge::job();
  job.chosen.id = "shop-1.dump";
  Judge judge;
  judge.claims = WorkerClaims(job);
  Run run = fetching();
  std::swap(run.stages[1], run.stages[2]);
  run.backup = job.chosen;
  run.isolation = Isolation::none;
  judge.claims.pin(run, judge.now);
  run.isolation = Isolation::full;
  run.backup.bytes = 4096;
  run.backup.sha256 = std::string(64, 'a');
  run.stages.push_back({Stage::inspect, {}, {}});
  judge.claims.pin(run, judge.now);
  run.backup.bytes = 7;
  run.backup.sha256 = std::string(64, 'b');
  run.backup.path = "/etc/shadow";
  const Run imposed = judge.imposed(run);
  CHECK(imposed.isolation == Isolation::full);
  CHECK(imposed.backup.bytes == 4096);
  CHECK(imposed.backup.sha256 == std::string(64, 'a'));
  CHECK(imposed.backup.path.empty());
}

TEST_CASE("a worker may admit later that it is less isolated, never claim more") {
  Judge judge;
  judge.claims.pin(fetching(), judge.now);
  Run later = passing();
  later.isolation = Isolation::none;
  CHECK(judge.imposed(later).isolation == Isolation::none);
  later.isolation = Isolation::full;
  CHECK(judge.imposed(later).isolation == Isolation::partial);
}

TEST_CASE("a backup's time more than a day ahead is unknown") {
  Judge judge;
  Run run = fetching();
  run.backup.created = judge.now + std::chrono::hours(23);
  Judge near;
  near.claims.pin(run, near.now);
  CHECK(near.imposed(run).backup.created == run.backup.created);
  run.backup.created = judge.now + std::chrono::hours(25);
  judge.claims.pin(run, judge.now);
  CHECK(judge.imposed(run).backup.created == TimePoint{});
}

TEST_CASE("no text of a worker but the backup's name can steer a terminal") {
  const Judge judge;
  Run run = passing();
  run.format = {escape, escape, escape, escape, escape, escape, escape};
  run.tables = {{escape, escape, 2}};
  run.findings = {{Severity::warning, Cause::none, escape}};
  run.log = {{at("9999-01-01T00:00:00Z"), escape}, {TimePoint{}, escape}};
  run.reason = run.hint = escape;
  run.stages[0].error = Error{Cause::fetch, escape, escape};
  CheckResult& check = run.checks[0];
  check.subject = check.observed = check.expected = check.detail = escape;
  run.backup.path = "/backups/" + escape;
  const Run washed = judge.imposed(run);
  CHECK(washed.backup.path == run.backup.path);
  Run without = washed;
  without.backup.path.clear();
  CHECK(to_json(without).find("\\u00") == std::string::npos);
  CHECK(washed.log[0].time == judge.now);
  CHECK(washed.log[1].time == judge.started);
}

TEST_CASE("checks that nobody asked for are dropped and noted") {
  const Judge judge;
  Run run = passing();
  run.checks.push_back(run.checks[0]);
  run.checks[1].check = "invented 1";
  const Run cut = judge.imposed(run);
  CHECK(cut.checks.size() == 1);
  REQUIRE(cut.findings.size() == 1);
  CHECK(cut.findings[0].severity == Severity::warning);
  CHECK(has(cut.findings[0].text, "1 thing"));
  CHECK(judge.imposed(passing()).findings.empty());
}

TEST_CASE("no more is restored than the file system of the sandbox holds") {
  Judge judge;
  judge.claims.scratch_holds(1000);
  Run run = passing();
  run.restored_bytes = run.resources.scratch = UINTMAX_MAX;
  run.tables = {{"main", "t", UINT64_MAX}, {"main", "u", 2}};
  const Run cut = judge.imposed(run);
  CHECK(cut.restored_bytes == 1000);
  CHECK(cut.resources.scratch == 1000);
  CHECK(total_rows(cut) == 1002);
}

TEST_CASE("lists without end are cut, and what speaks against the backup stays") {
  const Judge judge;
  Run run = passing();
  run.tables.resize(100'001);
  run.log.resize(50'000);
  run.findings.resize(20'000);
  run.findings.push_back({Severity::failure, Cause::damaged, "page 7 is torn"});
  run.checks.resize(100'001, run.checks[0]);
  run.checks.back().verdict = Verdict::failed;
  run.stages.resize(1000);
  const Run cut = judge.imposed(run);
  CHECK(cut.tables.size() == 100'000);
  std::size_t log = 0;
  for (const LogLine& line : cut.log) log += log_bytes(line);
  CHECK(log <= most_log_bytes);
  CHECK(cut.findings.size() == 10'001);  // and the note
  CHECK(cut.findings[0].text == "page 7 is torn");
  CHECK(cut.checks.size() == 100'000);
  CHECK(cut.checks[0].verdict == Verdict::failed);
  CHECK(cut.stages.size() == 14);
}
