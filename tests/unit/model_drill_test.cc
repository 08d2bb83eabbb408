// SPDX-License-Identifier: Apache-2.0
#include "model/drill.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Drill proven() {
  Drill drill;
  drill.id = "20261126T040000Z-00000001";
  drill.target = "shop";
  drill.started = at("2026-11-26T04:00:00Z");
  drill.took = 90s;
  drill.finished = true;
  for (const DrillStage stage : all_drill_stages) drill.stages.push_back({stage, 1s, "done", {}});
  drill.rto_objective = 1h;
  drill.rpo_objective = 24h;
  drill.backup = "/backups/shop.db";
  drill.backup_created = at("2026-11-26T04:00:10Z");
  drill.stand_in = "old.db";
  drill.lost = at("2026-11-26T04:01:00Z");
  drill.recovery = 25s;
  drill.newest = at("2026-11-26T03:59:00Z");
  drill.newest_by = "table orders";
  drill.warnings = {"a warning"};
  drill.not_drilled = {"the network"};
  drill.proof.emplace();
  drill.proof->id = "20261126T040100Z-00000002";
  drill.proof->verdict = Verdict::passed;
  drill.proof->cause = Cause::none;
  return drill;
}

}  // namespace

TEST_CASE("a drill passes when its last stage was reached without an error, and proven") {
  Drill drill = proven();
  conclude(drill);
  CHECK(drill.result == Verdict::passed);
  CHECK_FALSE(drill.cause);
  CHECK(data_loss_of(drill) == Duration(2min));
  CHECK_FALSE(exceeds_rto(drill));
  CHECK_FALSE(exceeds_rpo(drill));
}

TEST_CASE("a drill without a proof that passed is never green") {
  for (const bool has_proof : {false, true}) {
    Drill drill = proven();
    if (has_proof)
      drill.proof->verdict = Verdict::inconclusive;
    else
      drill.proof.reset();
    conclude(drill);
    CHECK(drill.result == Verdict::inconclusive);
  }
  Drill cut = proven();
  cut.stages.pop_back();
  conclude(cut);
  CHECK(cut.result == Verdict::inconclusive);
  CHECK(cut.cause == DrillCause::interrupted);
  Drill running = proven();
  running.finished = false;
  conclude(running);
  CHECK(running.result == Verdict::inconclusive);
}

TEST_CASE("the first stage that went wrong says what a drill is") {
  for (const DrillCause cause : all_drill_causes) {
    Drill drill = proven();
    drill.stages[1].error = DrillError{cause, "it was not so", "do that"};
    drill.stages[4].error = DrillError{DrillCause::restore, "later", ""};
    conclude(drill);
    CHECK(drill.result == verdict_of(cause));
    CHECK(drill.result != Verdict::passed);
    CHECK(drill.cause == cause);
    CHECK(drill.reason == "backup: it was not so");
    CHECK(drill.hint == "do that");
  }
}

TEST_CASE("objectives are exceeded by what was measured, and by nothing that was not") {
  Drill drill = proven();
  drill.rto_objective = 24s;
  drill.rpo_objective = 119s;
  CHECK(exceeds_rto(drill));
  CHECK(exceeds_rpo(drill));
  drill.rto_objective = drill.rpo_objective = 0s;
  CHECK_FALSE(exceeds_rto(drill));
  CHECK_FALSE(exceeds_rpo(drill));
  drill.rpo_objective = 1s;
  drill.newest = {};
  CHECK_FALSE(data_loss_of(drill));
  CHECK_FALSE(exceeds_rpo(drill));
}

TEST_CASE("a drill comes back from JSON as it was") {
  Drill drill = proven();
  drill.stages[4].error = DrillError{DrillCause::smoke, "no", "look"};
  conclude(drill);
  const auto back = drill_from_json(to_json(drill));
  REQUIRE(back);
  CHECK(to_json(*back) == to_json(drill));
  CHECK(back->stages == drill.stages);
  CHECK(back->cause == DrillCause::smoke);
  CHECK(back->proof->id == drill.proof->id);
  CHECK_FALSE(drill_from_json("{}"));
  CHECK_FALSE(drill_from_json("[]"));
  CHECK_FALSE(drill_from_json("{\"id\":1"));
}

TEST_CASE("a verification speaks in a drill with the drill's words") {
  Run run;
  run.verdict = Verdict::failed;
  run.cause = Cause::truncated;
  run.reason = "it is cut";
  CHECK(drill_error_of(run, DrillCause::verify)->cause == DrillCause::verify);
  CHECK(drill_error_of(run, DrillCause::verify)->text == "truncated: it is cut");
  run.verdict = Verdict::inconclusive;
  run.cause = Cause::space;
  CHECK(drill_error_of(run, DrillCause::verify)->cause == DrillCause::space);
  run.cause = Cause::unproven;
  CHECK(drill_error_of(run, DrillCause::verify)->cause == DrillCause::internal);
  run.verdict = Verdict::passed;
  CHECK_FALSE(drill_error_of(run, DrillCause::verify));
}
