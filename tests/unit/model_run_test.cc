// SPDX-License-Identifier: Apache-2.0
#include "model/run.h"

#include "model/run_json.h"
#include "support/support.h"

using namespace backproof;

namespace {

CheckResult answer(Verdict verdict, bool looked = true) {
  CheckResult check;
  check.check = "row_count";
  check.verdict = verdict;
  check.cause = verdict == Verdict::failed         ? Cause::check_failed
                : verdict == Verdict::inconclusive ? Cause::internal
                                                   : Cause::none;
  check.looked_at_data = looked;
  check.observed = "0 rows";
  check.expected = "at least 1 rows";
  return check;
}

Run restored_run() {
  Run run;
  run.restored = true;
  run.stages = {{Stage::restore, std::chrono::seconds(2), {}}};
  return run;
}

}  // namespace

TEST_CASE("a run passes only when a check looked at restored data") {
  Run run = restored_run();
  conclude(run);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::unproven);
  run.checks = {answer(Verdict::passed, false)};
  conclude(run);
  CHECK(run.cause == Cause::unproven);
  run.checks = {answer(Verdict::passed)};
  conclude(run);
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.cause == Cause::none);
  CHECK(run.reason.empty());
}

TEST_CASE("a run whose restore did not complete never passes, whatever its checks say") {
  Run run;
  run.checks = {answer(Verdict::passed)};
  conclude(run);
  CHECK(run.verdict == Verdict::inconclusive);
}

TEST_CASE("a check that could not be done makes the run inconclusive") {
  Run run = restored_run();
  run.checks = {answer(Verdict::passed), answer(Verdict::inconclusive)};
  conclude(run);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::internal);
}

TEST_CASE("what a person can do about a check that could not be done is the run's hint") {
  Run run = restored_run();
  run.checks = {answer(Verdict::passed), answer(Verdict::inconclusive)};
  run.checks.back().hint = "name it";
  conclude(run);
  CHECK(run.hint == "name it");
}

TEST_CASE("proof that the backup is bad outweighs what could not be done") {
  Run run = restored_run();
  run.checks = {answer(Verdict::inconclusive), answer(Verdict::failed)};
  conclude(run);
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.cause == Cause::check_failed);
  CHECK(run.reason ==
        "check row_count failed: observed 0 rows, expected at least 1 rows (and 1 more)");
}

TEST_CASE("a failed check that only warns does not fail the run") {
  Run run = restored_run();
  run.checks = {answer(Verdict::passed), answer(Verdict::failed)};
  run.checks.back().enforced = false;
  conclude(run);
  CHECK(run.verdict == Verdict::passed);
}

TEST_CASE("a check that only warns and could not be done still makes the run inconclusive") {
  Run run = restored_run();
  run.checks = {answer(Verdict::passed), answer(Verdict::inconclusive)};
  run.checks.back().enforced = false;
  conclude(run);
  CHECK(run.verdict == Verdict::inconclusive);
}

TEST_CASE("warnings do not change the verdict and failures do") {
  Run run = restored_run();
  run.checks = {answer(Verdict::passed)};
  run.findings = {{Severity::warning, Cause::none, "3 zero bytes of padding"}};
  conclude(run);
  CHECK(run.verdict == Verdict::passed);
  run.findings.push_back({Severity::failure, Cause::damaged, "the CRC disagrees"});
  conclude(run);
  CHECK(run.verdict == Verdict::failed);
  CHECK(run.reason == "the CRC disagrees");
}

TEST_CASE("a stage's error gives cause, reason and hint") {
  Run run;
  run.stages = {
      {Stage::sandbox, {}, Error{Cause::space, "needs 2 GiB, 1 GiB is free", "free some"}}};
  conclude(run);
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  CHECK(run.reason == "needs 2 GiB, 1 GiB is free");
  CHECK(run.hint == "free some");
}

TEST_CASE("every cause has a name of its own and a verdict that is no pass") {
  for (const Cause cause : all_causes) {
    CHECK(verdict_of(cause) != Verdict::passed);
    CHECK(cause_named(name_of(cause)) == cause);
    if (is_retriable(cause)) CHECK(verdict_of(cause) == Verdict::inconclusive);
  }
  CHECK(cause_named("none") == Cause::none);
  CHECK_FALSE(cause_named("no such cause"));
}

TEST_CASE("run ids sort by start and differ") {
  const auto t = test::at("2026-11-23T14:34:54Z");
  CHECK(new_run_id(t).substr(0, 17) == "20261123T143454Z-");
  CHECK(new_run_id(t) != new_run_id(t));
  CHECK(new_run_id(t) < new_run_id(t + std::chrono::seconds(1)));
}

TEST_CASE("restore time is fetch and restore, nothing else") {
  Run run;
  run.stages = {{Stage::fetch, std::chrono::seconds(1), {}},
                {Stage::restore, std::chrono::seconds(2), {}},
                {Stage::check, std::chrono::seconds(40), {}}};
  CHECK(restore_time(run) == std::chrono::seconds(3));
}
