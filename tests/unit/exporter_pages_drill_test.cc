// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/drill.h"

#include "exporter/drill_report.h"
#include "exporter/pages/overview.h"
#include "exporter/pages/target.h"
#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string section(Seen& seen, std::string_view name, const std::vector<Drill>& drills = {}) {
  return pages::drill_section(seen.view(), seen.target(name), drills);
}

Drill passed() {
  return sample_drill("passing", "2026-10-01T04:00:00Z");
}

// With the canary's two questions among the checks.
Drill with_canaries(Verdict first, Verdict second) {
  Drill drill = passed();
  CheckResult check = drill.proof->checks[0];
  check.check = "sql";
  check.subject = "the canary from before the backup";
  check.verdict = first;
  drill.proof->checks.push_back(check);
  check.subject = "no canary from after the backup";
  check.verdict = second;
  drill.proof->checks.push_back(check);
  return drill;
}

}  // namespace

TEST_CASE("a drill's report needs nothing from elsewhere") {
  const std::string html = drill_report_html(passed());
  CHECK(html.starts_with("<!DOCTYPE html>"));
  CHECK(in_order(html, {"<style>", ".verdict", "</style>", "<body>", "</html>"}));
  for (const char* outside :
       {"href=", "src=", "url(", "@import", "<script", "http://", "https://"}) {
    INFO(outside);
    CHECK_FALSE(has(html, outside));
  }
}

TEST_CASE("a report says what was measured, lost, restored, proven and not drilled") {
  const std::string html = drill_report_html(with_canaries(Verdict::passed, Verdict::passed));
  CHECK(in_order(html, {"<h1>Recovery drill of <bdi>passing</bdi>, 2026-10-01 04:00:00 UTC</h1>",
                        "verdict passed",
                        "badge passed\">passed",
                        "but an objective was missed",
                        "Recovery time (RTO)",
                        "badge failed\">missed",
                        "<strong>7 min 37 s</strong> objective 5 min",
                        "Data loss (RPO)",
                        "badge passed\">met",
                        "<strong>2 h</strong> objective 1 d",
                        "<h2>Stages</h2>",
                        "the line below is the recovery",
                        "canary<small>",
                        "<bdi>pg_dump wrote 3 MiB</bdi>",
                        "prove<small>",
                        "<h2>What was lost</h2>",
                        "b-13.dump of the day before, restored",
                        "2026-10-01 04:04:53</time> UTC",
                        "<h2>What was restored</h2>",
                        "<code>/backups/b.dump</code>",
                        "by the team's own command",
                        "1 MiB, 2 tables, 42 rows",
                        "as says <bdi>table public.orders</bdi>",
                        "Compared with a manifest</dt><dd>yes",
                        "<h2>Canaries</h2>",
                        "badge passed\">passed</span> <bdi>the canary from before the backup",
                        "no canary from after the backup",
                        "<h2>The proof</h2>",
                        "<table id=\"checks\">",
                        "integrity",
                        "<h2>Warnings</h2>",
                        "the backup was not encrypted",
                        "<h2>What was not drilled</h2>",
                        "DNS and the network",
                        "keys on another host",
                        "<footer>",
                        "4567abcd",
                        "by schedule"}));
}

TEST_CASE("the chart of stages is in time and has the recovery below them") {
  Drill drill = passed();
  const std::string html = pages::drill_stages(drill);
  CHECK(count_of(html, "<tr><th scope=\"row\">") == drill.stages.size());
  CHECK(count_of(html, "class=\"recovery\"") == drill.stages.size());
  // Of 750 s: lost at 293 s, proven after 457 more.
  CHECK(has(html, "<rect class=\"recovery\" x=\"391\" width=\"609\""));
  CHECK(
      has(html, "<rect class=\"passed\" x=\"120\" width=\"267\" y=\"0\""));  // verify: 90 to 290 s
  drill.recovery = {};
  CHECK_FALSE(has(pages::drill_stages(drill), "recovery"));
  drill.stages.clear();
  CHECK(has(pages::drill_stages(drill), "before its first stage"));
}

TEST_CASE(
    "a drill that failed early says how far it came, and its hint, without a tag of its own") {
  Drill drill = sample_failed_drill(hostile_name, "2026-10-01T04:00:00Z");
  drill.not_drilled = {hostile_reason};
  drill.warnings = {hostile_reason};
  const std::string html = drill_report_html(drill);
  CHECK(in_order(
      html, {"verdict failed", "<code>backup</code>", "recovery that was drilled does not work",
             "<b>Reason:</b> <bdi>backup: table &quot;&lt;script&gt;", "run it &lt;by hand&gt;",
             "<strong>not proven</strong> no objective", "<strong>not known</strong>",
             "badge failed\">stopped", "<h2>What was lost</h2>\n<p>Nothing",
             "<h2>What was restored</h2>\n<p>Nothing", "<h2>Canaries</h2>\n<p>None was written",
             "<p>Nothing was proven.</p>", "&lt;script&gt;", "&lt;script&gt;"}));
  CHECK_FALSE(has(html, "<script"));
  CHECK_FALSE(has(html, "<b>&"));
}

TEST_CASE("a drill that could not be done, or goes on, claims nothing") {
  Drill drill = sample_failed_drill("t", "2026-10-01T04:00:00Z");
  drill.stages[0].error->cause = DrillCause::source;
  conclude(drill);
  CHECK(in_order(drill_report_html(drill), {"verdict inconclusive", "could not be told"}));
  drill.finished = false;
  drill.stages[0].error.reset();
  const std::string html = drill_report_html(drill);
  CHECK(in_order(html,
                 {"verdict never", "unfinished", "has no result yet", "badge running\">running"}));
  CHECK_FALSE(has(html, "Reason:"));
}

TEST_CASE("canaries are judged on both sides") {
  CHECK(
      in_order(drill_report_html(with_canaries(Verdict::failed, Verdict::passed)),
               {"<h2>Canaries</h2>", "badge failed\">failed</span> <bdi>the canary from before"}));
  CHECK(in_order(drill_report_html(with_canaries(Verdict::passed, Verdict::failed)),
                 {"<h2>Canaries</h2>", "badge failed\">failed</span> <bdi>no canary from after"}));
  CHECK(has(drill_report_html(passed()), "it did not come to the question"));
}

TEST_CASE("the page of a drill is its report with a way back, confined by its headers") {
  Seen seen;
  const Response response = pages::drill(seen.view(), passed());
  CHECK(response.status == 200);
  CHECK(in_order(
      response.body,
      {"<nav class=\"path\"", "<a href=\"/\">Overview</a>", "<a href=\"/targets/passing\">",
       "/api/v1/drills/20261001T040000Z-4567abcd", "<h1>Recovery drill"}));
  CHECK(response.headers[0].first == "Content-Security-Policy");
  CHECK(has(response.headers[0].second, "default-src 'none'"));
  CHECK_FALSE(has(response.headers[0].second, "script-src"));
  Drill gone = passed();
  gone.target = "gone";
  CHECK(has(pages::drill(seen.view(), gone).body, "/ <bdi>gone</bdi>"));
}

TEST_CASE(
    "a target's page has its last drill, what it measured, when the next is, and the others") {
  Seen seen;
  const std::vector<Drill> drills{sample_failed_drill("passing", "2026-11-01T04:00:00Z"), passed()};
  const std::string html =
      pages::target(seen.view(), seen.target("passing"), std::vector<Run>{}, drills).body;
  CHECK(in_order(
      html,
      {"<h2 id=\"selftest\">", "<h2 id=\"drills\">Recovery drills</h2>",
       "Last drill: <span class=\"badge passed\">passed</span>", "53 d 7 h ago",
       "<a href=\"/drills/20261001T040000Z-4567abcd\">Its whole report</a>",
       "/runbooks/BackproofDrillRtoExceeded",
       "<dt>Measured RTO</dt><dd>7 min 37 s <small class=\"over\">", "over the objective of 5 min",
       "<dt>Measured RPO</dt><dd>2 h <small>objective 1 d</small>", "in 38 d 16 h",
       "by <code>0 4 1 */3 *</code> in UTC",
       "<code>backproof drill passing --config.file /etc/backproof/backproof.toml</code>",
       "<table id=\"drill-list\">", "/drills/20261101T040000Z-4567dcba", "badge failed\">failed",
       "<code>backup</code>", "&lt;script&gt;", "/drills/20261001T040000Z-4567abcd",
       "<h2>Configuration</h2>"}));
  CHECK_FALSE(has(html, "<script>"));
}

TEST_CASE("drills that are scheduled and were never done are loud") {
  Seen seen;
  TargetState& state = seen.target("unsure");
  state.target->drill.emplace().schedule = Schedule::parse("@monthly").value();
  state.drill_next = at("2026-12-01T00:00:00Z");
  CHECK(in_order(section(seen, "unsure"),
                 {"badge stale\">never drilled", "class=\"over\"",
                  "/runbooks/BackproofDrillOverdue", "in 7 d 12 h", "backproof drill unsure"}));
  state.drill_work = {at("2026-11-23T11:00:00Z"), true};
  const std::string first = section(seen, "unsure");
  CHECK(in_order(first, {"badge running\">running", "1 h ago", "It is the first one."}));
  CHECK_FALSE(has(first, "class=\"over\""));
  state.drill_work = {};
  state.target->drill->schedule.reset();
  const std::string by_hand = section(seen, "unsure");
  CHECK(has(by_hand, "none is scheduled. <code>backproof drill unsure"));
  CHECK_FALSE(has(by_hand, "badge"));
}

TEST_CASE("a target without drills is told calmly that there are such") {
  Seen seen;
  const std::string html = section(seen, hostile_name);
  CHECK(has(html, "<p>None is configured. <code>[target.drill]</code>"));
  CHECK_FALSE(has(html, "class=\"over\""));
  CHECK_FALSE(has(html, "badge"));
  CHECK_FALSE(has(html, "drill-list"));
}

TEST_CASE("a drill that gave no answer is said beside the last that did, or alone") {
  Seen seen;
  TargetState& state = seen.target("passing");
  Drill undone = sample_failed_drill("passing", "2026-11-01T04:00:00Z");
  undone.stages[0].error->cause = DrillCause::source;
  conclude(undone);
  state.history.last_drill_ended = undone;
  CHECK(in_order(
      section(seen, "passing"),
      {"The last one that was tried, ", "22 d 7 h ago", "gave no answer:", "&lt;script&gt;",
       "/runbooks/BackproofDrillOverdue", "of the one before", "badge passed\">passed"}));
  state.history.last_drill.reset();
  CHECK(in_order(section(seen, "passing"),
                 {"Last drill: <span class=\"badge inconclusive\">inconclusive</span> <code>source",
                  "/runbooks/BackproofDrillOverdue", "<dt>Measured RTO</dt><dd>–"}));
}

TEST_CASE("drills that cannot be read are no reason to hide what is known") {
  Seen seen;
  const std::string html = pages::drill_section(seen.view(), seen.target("passing"),
                                                Error{Cause::internal, "history: <locked>", ""});
  CHECK(in_order(html,
                 {"badge passed\">passed", "They cannot be read: <bdi>history: &lt;locked&gt;"}));
}

TEST_CASE("the overview marks a target whose last drill failed, and no other") {
  Seen seen;
  CHECK_FALSE(has(pages::overview(seen.view()).body, "recovery drill failed"));
  seen.target("passing").history.last_drill->result = Verdict::failed;
  CHECK(in_order(pages::overview(seen.view()).body,
                 {"/targets/passing#drills", "Its last recovery drill failed"}));
}

TEST_CASE("the report for a terminal has objectives, stages, proof and what was not drilled") {
  Drill drill = with_canaries(Verdict::passed, Verdict::failed);
  const std::string text = drill_report_text(drill);
  CHECK(
      in_order(text, {"drill of passing: passed\n", "  RTO          7m37s, objective 5m: MISSED\n",
                      "  RPO          2h, objective 1d: met\n", "  stages       canary   250ms",
                      "               backup   1m30s     pg_dump wrote 3 MiB\n", "prove",
                      "  backup       /backups/b.dump\n", "  lost         b-13.dump",
                      "  newest data  2026-10-01T02:04:53Z, table public.orders\n",
                      "  proven       against the manifest", "  checks       3 of 4 passed\n",
                      "failed: sql of no canary from after the backup",
                      "  warning      the backup was not encrypted\n",
                      "  not drilled  DNS and the network\n               keys on another host\n",
                      "  drill        20261001T040000Z-4567abcd, took 12m30s\n"}));
}

TEST_CASE("the report for a terminal of a drill that failed says where, and moves no cursor") {
  Drill drill = sample_failed_drill("a\x1b[2J", "2026-10-01T04:00:00Z");
  drill.stages[0].error->text = "line\n\x1b[31mred";
  drill.warnings = {"\x07"};
  conclude(drill);
  const std::string text = drill_report_text(drill);
  CHECK(in_order(text,
                 {": failed (backup)\n", "  reason       backup: line",
                  "  hint         run it <by hand>\n", "  RTO          not proven, no objective\n",
                  "  RPO          not known, no objective\n", "STOPPED: line"}));
  CHECK_FALSE(has(text, "\x1b"));
  CHECK_FALSE(has(text, "\x07"));
  CHECK_FALSE(has(text, "newest data"));
}
