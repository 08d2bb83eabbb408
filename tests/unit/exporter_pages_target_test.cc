// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/target.h"

#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string page(Seen& seen, std::string_view name, const Result<std::vector<Run>>& runs) {
  return pages::target(seen.view(), seen.target(name), runs).body;
}

std::string page(std::string_view name) {
  Seen seen;
  return page(seen, name, std::vector<Run>{});
}

// Last first, as the history gives them.
std::vector<Run> three_runs() {
  std::vector<Run> runs;
  for (const char* day : {"22", "21", "20"})
    runs.push_back(sample_run("passing", "2026-11-" + std::string(day) + "T02:00:00Z"));
  runs[1].verdict = Verdict::failed;
  runs[1].cause = Cause::truncated;
  runs[1].restored = false;
  return runs;
}

}  // namespace

TEST_CASE("a target's page says first whether it restores") {
  CHECK(in_order(page("passing"),
                 {"<h1><bdi>passing</bdi></h1>",
                  "<p class=\"verdict passed\" role=\"status\"><span "
                  "class=\"badge passed\">passed</span> The last backup that was tried restores",
                  "Last run:", "Everything about this run", "<h2>Objectives</h2>"}));
  CHECK(has(page("unsure"), "<p class=\"verdict inconclusive\""));
  CHECK(has(page("failing"), "<p class=\"verdict disabled\""));
  CHECK(has(page(hostile_name), "No backup of it was verified yet."));
}

TEST_CASE("a target that did not pass has its reason, a hint and what to do") {
  Seen seen;
  seen.target("failing").target->enabled = true;
  const std::string html = page(seen, "failing", std::vector<Run>{});
  CHECK(has(html, "<a href=\"/runbooks/BackproofVerificationFailed\">What to do</a>"));
  CHECK(has(html, "cause <code>truncated</code>"));
  CHECK(has(html, "<b>Reason:</b> <bdi>table &quot;&lt;script&gt;alert(1)"));
  CHECK(has(html, "<b>Hint:</b> <bdi>copy it &lt;again&gt;</bdi>"));
  CHECK_FALSE(has(html, "<script>"));
  CHECK_FALSE(has(page("passing"), "/runbooks/BackproofVerification"));
}

TEST_CASE("objectives are met, missed or not known") {
  Seen seen;
  seen.target("passing").target->rto = 5s;
  const std::string html = page(seen, "passing", std::vector<Run>{});
  CHECK(in_order(html, {"Last pass</th>", "9 h 58 min ago", "2 d 4 h <code>max_age</code>", "met",
                        "Newest backup</th>", "10 h 30 min ago", "1 d 2 h <code>rpo</code>", "met",
                        "Restore time</th>", "20 s", "5 s <code>rto</code>", "missed"}));
  CHECK(in_order(page(hostile_name), {"Last pass</th>", "never", "no limit"}));
}

TEST_CASE("a target's configuration is there in words") {
  Seen seen;
  seen.target("passing").target->source.options = {{"path", Value{std::string("/b & c"), 0}},
                                                   {"settle", Value{std::int64_t{5}, 0}}};
  const std::string html = page(seen, "passing", std::vector<Run>{});
  CHECK(has(html, "<dd>directory, path <code>/b &amp; c</code>, settle <code>5</code></dd>"));
  CHECK(has(html, "<dd>sqlite_file</dd>"));
  CHECK(has(html, "integrity<br>foreign_keys<br>row_count<br>row_count"));
  CHECK(has(html, "<code>0 3 * * *</code> in Europe/Berlin, at most 1 d 1 h apart"));
  CHECK(has(html, "14 backups, listed "));
  CHECK(has(html, "/backups/b-14.db.gz"));
}

TEST_CASE("what moves a target's starts stands beside its schedule") {
  Seen seen;
  Target& target = *seen.target("passing").target;
  target.jitter = 10min;
  target.blackout = Blackout::parse({"mon-fri 08:00-18:00", "22:00-02:00"}, "UTC").value();
  CHECK(
      in_order(page(seen, "passing", std::vector<Run>{}),
               {" apart; starts ", " later, by its part of the jitter of ", "10 min",
                "; never within <code>mon-fri 08:00-18:00</code>, <code>22:00-02:00</code></dd>"}));
  CHECK_FALSE(has(page("passing"), "never within"));
}

TEST_CASE("a listing that failed is said") {
  CHECK(has(page("failing"),
            "<span class=\"over\">The last listing failed:</span> <bdi>permission denied</bdi>"));
  CHECK(has(page(hostile_name), "not listed yet"));
}

TEST_CASE("a target that is being verified leads to its run") {
  CHECK(in_order(page("unsure"), {"running: restore, 62 %",
                                  "<a href=\"/runs/20261123T115900Z-00000001\">Follow this run"}));
}

TEST_CASE("the timeline is oldest first, the table last first") {
  Seen seen;
  const std::string html = page(seen, "passing", three_runs());
  CHECK(has(html, "The last 3 runs, oldest first."));
  CHECK(in_order(html,
                 {"<ol class=\"timeline\">", "id=\"l20261120", "class=\"passed\"", "id=\"l20261121",
                  "class=\"failed\"", "<span>failed (truncated), 2026-11-21 02:00:00 UTC</span>",
                  "id=\"l20261122"}));
  CHECK(in_order(html, {"<table id=\"runs\">", "id=\"r20261122", "id=\"r20261121",
                        "<code>truncated</code>", "id=\"r20261120"}));
}

TEST_CASE("a row of a run has its numbers, or dashes") {
  const std::string html = pages::runs_table(three_runs(), "");
  CHECK(has(html, "<th scope=\"col\" class=\"n\">Restore time</th>"));
  CHECK(in_order(html, {"schedule</td><td class=\"n\">1 min 10 s</td><td class=\"n\">20 s</td><td "
                        "class=\"n\">1 MiB</td><td class=\"n\">42</td><td class=\"n\">30 min</td>",
                        "<td class=\"n\">1 min 10 s</td><td class=\"n\">–</td><td class=\"n\">–"}));
}

TEST_CASE("a run that goes on is told from one that was left") {
  std::vector<Run> runs = three_runs();
  runs[0].finished = runs[1].finished = false;
  const std::string html = pages::timeline(runs, runs[0].id);
  CHECK(in_order(html, {"class=\"passed\"", "class=\"unfinished\"", "class=\"running\""}));
  CHECK(in_order(pages::runs_table(runs, runs[0].id),
                 {"badge running\">running", "badge never\">unfinished"}));
}

TEST_CASE("trends have a plot each, of what was measured") {
  Target target;
  target.rto = 30s;
  const std::string html = pages::trends(three_runs(), target);
  CHECK(count_of(html, "<svg role=\"img\"") == 4);
  CHECK(in_order(html, {"Restore time", "2 runs, from 20 s to 20 s", "RTO 30 s",
                        "Age of the backup at its verification", "3 runs, from 30 min to 30 min",
                        "Restored size", "1 MiB", "Restored rows", "42"}));
}

TEST_CASE("a first run that goes on has no trend") {
  Seen seen;
  std::vector<Run> runs{three_runs()[0]};
  runs[0].finished = false;
  const std::string html = page(seen, "passing", runs);
  CHECK(has(html, "The last run leads to its report;"));
  CHECK_FALSE(has(html, "<h2>Trends</h2>"));
}

TEST_CASE("a target without runs, and one whose runs cannot be read") {
  CHECK(has(page("passing"), "<p>There are no runs yet.</p>"));
  Seen seen;
  const std::string html = page(seen, "passing", Error{Cause::internal, "disk <gone>", ""});
  CHECK(has(html, "They cannot be read: <bdi>disk &lt;gone&gt;</bdi>"));
  CHECK(has(html, "<h2>Configuration</h2>"));
}

TEST_CASE("a hostile name is text on its page and in its title") {
  const std::string html = page(hostile_name);
  CHECK(has(html, "<title>ev&quot;il\\ &lt;b&gt;&amp;&#39;\n"));
  CHECK(has(html, "<h1><bdi>ev&quot;il\\ &lt;b&gt;&amp;&#39;\n"));
  CHECK_FALSE(has(html, "<b>&"));
}

TEST_CASE("a target's page lists which backups were verified when, and with which verdict") {
  const std::string html = page("passing");
  CHECK(in_order(html, {"<h2>Backups</h2>", "Each is verified once within 30 d",
                        "Of 14 backups 4 passed at least once, 1 failed last, 9 were never judged",
                        "2 should have been verified by now", "BackproofBackupsUnverified",
                        "The newest 2", "b-14.db.gz", "when it was last modified", "badge passed",
                        "/runs/20261123T020003Z-00000001", "&lt;b&gt;", "its content", "unverified",
                        "never", "<h2>Configuration</h2>"}));
  CHECK(html.find("<b>&amp;") == std::string::npos);
  CHECK(
      in_order(page("failing"), {"<h2>Backups</h2>", "At each due time the newest is verified."}));
}
