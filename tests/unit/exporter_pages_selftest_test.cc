// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/target.h"
#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string section(Seen& seen, std::string_view name) {
  return pages::selftest_section(seen.view(), seen.target(name));
}

// A target that is to be tested every week.
TargetState& scheduled(Seen& seen, std::string_view name) {
  TargetState& state = seen.target(name);
  state.target->enabled = true;
  state.target->selftest = Schedule::parse("@weekly").value();
  return state;
}

Selftest undone_at(const char* started, const std::string& reason) {
  Selftest test;
  test.started = at(started);
  test.reason = reason;
  return test;
}

}  // namespace

TEST_CASE("a target's page shows its last self-test between its backups and its configuration") {
  Seen seen;
  const std::string html =
      pages::target(seen.view(), seen.target("passing"), std::vector<Run>{}).body;
  CHECK(in_order(html, {"<h2>Backups</h2>", "<h2 id=\"selftest\">Self-test</h2>",
                        "Last self-test: <span class=\"badge passed\">passed</span>",
                        "<h2>Configuration</h2>"}));
}

TEST_CASE("a self-test has its time, counts, seed, backup, next one and command") {
  Seen seen;
  Selftest& test = *seen.target("passing").history.last_selftest;
  test.seed = 4711;
  test.backup = "/b/<i>.db";
  test.format = "gzip sqlite database";
  test.trials[3].result = TrialResult::not_applicable;
  const std::string html = section(seen, "passing");
  CHECK(in_order(
      html, {"1 d 7 h ago</time>.", "<b>Hint:</b> With a manifest beside the backup",
             "<dd>6 caught, 0 missed, 8 passed that only a manifest can catch, 1 not applicable, "
             "0 not tried</dd>",
             "<code>/b/&lt;i&gt;.db</code>, gzip sqlite database, without a manifest beside it",
             "<dt>Seed</dt><dd><code>4711</code></dd>", "by hand", "<dt>Took</dt><dd>20 min</dd>",
             "in 5 d 12 h</time>, by <code>@weekly</code> in UTC",
             "<code>backproof selftest passing --config.file /etc/backproof/backproof.toml --seed "
             "4711</code>"}));
  CHECK_FALSE(has(html, "class=\"over\""));
  CHECK_FALSE(has(html, "What to do"));
}

TEST_CASE("the matrix says of each damage what was expected and what came of it") {
  Seen seen;
  Selftest& test = *seen.target("passing").history.last_selftest;
  test.trials[0].reason = hostile_reason;
  test.trials[3] = {DamageKind::flip_index, TrialResult::not_applicable, Verdict::inconclusive,
                    Cause::none, "there is no index"};
  test.trials[5].result = TrialResult::undecided;
  const std::string html = section(seen, "passing");
  CHECK(count_of(html, "<tr><th scope=\"row\">") == all_damage_kinds.size());
  CHECK(in_order(
      html,
      {"<table id=\"damages\">", "<caption id=\"damages-caption\">",
       "<code class=\"whole\">cut_container</code>", "the compressed file ends in its middle",
       "<td>fails</td>", "badge passed\">caught", "<bdi>damaged: table &quot;&lt;script&gt;",
       "<code class=\"whole\">flip_data</code>", "<td>may pass: no manifest</td>",
       "badge never\">passed", "only a manifest can catch this", "badge disabled\">not applicable",
       "<bdi>there is no index</bdi>", "badge inconclusive\">not tried",
       "<code class=\"whole\">appended_junk</code>", "<td>fails, or a warning</td>"}));
  CHECK_FALSE(has(html, "<script>"));
  test.manifest = true;
  test.backup = "/b/x.db";
  CHECK(in_order(section(seen, "passing"),
                 {"with a manifest beside it", "flip_data", "<td>fails, by the manifest</td>"}));
}

TEST_CASE("a self-test that missed a damage is loud, and says what to do") {
  Seen seen;
  Selftest& test = *seen.target("passing").history.last_selftest;
  test.trials[7] = {DamageKind::orphan_row, TrialResult::missed, Verdict::passed, Cause::none, ""};
  test.reason.clear();
  conclude(test);
  const std::string html = section(seen, "passing");
  CHECK(in_order(html,
                 {"badge failed\">failed</span>", "/runbooks/BackproofSelftestFailed",
                  "<b>Reason:</b> <bdi>1 damage got the wrong verdict: orphan_row</bdi>",
                  "<span class=\"over\">1 missed</span>", "<code class=\"whole\">orphan_row</code>",
                  "badge failed\">MISSED</span>", "<bdi>passed</bdi>"}));
}

TEST_CASE("a self-test that is scheduled and was never done is loud") {
  Seen seen;
  TargetState& state = scheduled(seen, "unsure");
  const std::string html = section(seen, "unsure");
  CHECK(in_order(html, {"badge stale\">never run</span>", "class=\"over\"",
                        "/runbooks/BackproofSelftestStale", "due, one target after the other"}));
  state.history.last_passed.reset();
  CHECK(in_order(section(seen, "unsure"), {"never run", "after the first pass, by <code>@weekly"}));
  state.selftest_work = {at("2026-11-23T11:00:00Z"), true};
  const std::string first = section(seen, "unsure");
  CHECK(in_order(first, {"badge running\">running", "begun", "1 h ago", "It is the first one."}));
  CHECK_FALSE(has(first, "class=\"over\""));
}

TEST_CASE("a target without self-tests is told calmly how one is done") {
  Seen seen;
  const std::string html = section(seen, hostile_name);
  CHECK(has(html, "<p>None was done yet, and none is scheduled. <code>backproof selftest $&#39;"));
  CHECK_FALSE(has(html, "class=\"over\""));
  CHECK_FALSE(has(html, "badge"));
  CHECK_FALSE(has(html, "<b>&"));
  // Nobody asks a disabled one.
  scheduled(seen, "failing").target->enabled = false;
  CHECK_FALSE(has(section(seen, "failing"), "class=\"over\""));
}

TEST_CASE("a self-test that gave no answer is said, beside the last that did or alone") {
  Seen seen;
  TargetState& state = seen.target("passing");
  state.history.selftest_undone = undone_at("2026-11-23T11:00:00Z", hostile_reason);
  const std::string html = section(seen, "passing");
  CHECK(in_order(html, {"The last one that was tried, ", "1 h ago",
                        "gave no answer:", "&lt;script&gt;", "/runbooks/BackproofSelftestStale",
                        "of the one before", "Last self-test: <span class=\"badge passed\">"}));
  CHECK_FALSE(has(html, "<script>"));
  state.history.last_selftest.reset();
  const std::string alone = section(seen, "passing");
  CHECK(in_order(alone, {"badge inconclusive\">inconclusive", "BackproofSelftestStale",
                         "<b>Reason:</b>", "0 caught, 0 missed"}));
  CHECK_FALSE(has(alone, "id=\"damages\""));
}

TEST_CASE("when the next self-test is due follows what was begun, and whether anybody asks") {
  Seen seen;
  TargetState& state = seen.target("passing");
  state.selftest_work.begun = at("2026-11-23T11:00:00Z");
  state.history.last_selftest->started = at("2026-11-01T00:00:00Z");
  CHECK(has(section(seen, "passing"), "in 5 d 12 h"));
  state.selftest_work.begun = {};
  CHECK(has(section(seen, "passing"), "due, one target after the other"));
  state.target->enabled = false;
  CHECK(has(section(seen, "passing"), "<dt>Next</dt><dd>disabled</dd>"));
  state.target->selftest.reset();
  CHECK(has(section(seen, "passing"), "<dt>Next</dt><dd>only by hand</dd>"));
}
