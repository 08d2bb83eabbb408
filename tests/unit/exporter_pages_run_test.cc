// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/run.h"

#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string page(const Run& run) {
  return pages::run(Seen().view(), run).body;
}

Run good() {
  return sample_run("passing", "2026-11-23T02:00:03Z");
}

}  // namespace

TEST_CASE("a run's page says first what came of it") {
  CHECK(in_order(page(good()),
                 {"<h1>Run of <bdi>passing</bdi>, <time", "2026-11-23 02:00:03</time></h1>",
                  "<p class=\"verdict passed\" role=\"status\"><span class=\"badge "
                  "passed\">passed</span> The backup restores, and every check passed.",
                  "1 MiB in 20 s, 2 tables, 42 rows"}));
  Run bad = good();
  bad.verdict = Verdict::failed;
  bad.cause = Cause::truncated;
  bad.reason = hostile_reason;
  bad.hint = "copy it";
  CHECK(in_order(page(bad), {"<p class=\"verdict failed\"", "<code>truncated</code>",
                             "The backup is bad.", "<b>Reason:</b> <bdi>table &quot;&lt;script&gt;",
                             "<b>Hint:</b> <bdi>copy it</bdi>"}));
  CHECK_FALSE(has(page(bad), "<script>"));
}

TEST_CASE("a run says when it was due and how late it began") {
  Run run = good();
  CHECK_FALSE(has(page(run), "<dt>Due</dt>"));
  run.scheduled = run.started - 3s;
  CHECK(has(page(run), "UTC, began 3 s later"));
  run.scheduled = run.started - 300ms;
  CHECK(has(page(run), "UTC, began on time"));
  run.attempt = 2;
  CHECK(has(page(run), "schedule, attempt 2"));
}

TEST_CASE("stages are a waterfall: each bar begins where the one before ended") {
  const std::string html = pages::stages_table(good());
  CHECK(in_order(html, {"select</th>", "x=\"0\" width=\"142\"", "10 s", "done", "sandbox</th>",
                        "x=\"142\"", "fetch</th>", "x=\"285\"", "restore</th>", "x=\"569\"",
                        "teardown</th>", "x=\"854\""}));
  CHECK(has(html, "aria-hidden=\"true\""));
}

TEST_CASE("the stage that stopped a run says why") {
  Run run = good();
  run.stages.resize(3);
  run.stages.back().error = Error{Cause::truncated, "the <file> ends", ""};
  CHECK(in_order(pages::stages_table(run), {"fetch</th>", "<rect class=\"failed\"",
                                            "stopped</span>", "<bdi>the &lt;file&gt; ends</bdi>"}));
  run.stages.clear();
  CHECK(pages::stages_table(run) == "");
}

TEST_CASE("checks say what was observed and what was expected") {
  Run run = good();
  run.checks[1].verdict = Verdict::failed;
  run.checks[1].cause = Cause::check_failed;
  run.checks[1].enforced = false;
  run.checks[1].detail = "one\n<two>";
  CHECK(in_order(pages::checks_table(run),
                 {"<th scope=\"col\">Observed</th><th scope=\"col\">Expected</th>", "badge passed",
                  "integrity</th><td>whole database</td>", "badge failed",
                  "<code>check_failed</code> <small>only warns</small>",
                  "row_count</th><td><bdi>t</bdi></td><td><bdi>7</bdi></td><td><bdi>&gt;= 1</bdi>",
                  "<bdi>one</bdi><br><bdi>&lt;two&gt;</bdi>", "1 s"}));
}

TEST_CASE("tables are largest first, and not more than a page can show") {
  Run run = good();
  CHECK(in_order(pages::tables_table(run), {"<bdi>u</bdi>", "35", "<bdi>t</bdi>", "7"}));
  run.tables.assign(1234, {"main", "<t>", 1});
  const std::string html = pages::tables_table(run);
  CHECK(count_of(html, "<bdi>&lt;t&gt;</bdi>") == 500);
  CHECK(has(html, "734 more tables are in <a href=\"/api/v1/runs/" + run.id + "\">the JSON</a>"));
}

TEST_CASE("the log is text, and not more than a page can show") {
  Run run = good();
  run.log.assign(2001, {run.started, "<i>"});
  const std::string html = pages::log_table(run);
  CHECK(count_of(html, "<td>&lt;i&gt;</td>") == 2000);
  CHECK(has(html, "1 more lines are in"));
  run.log = {{run.started, "restored", log::Level::info, Stage::restore, {{"bytes", "<7>"}}}};
  CHECK(in_order(pages::log_table(run), {"<td>restore</td>", "restored  bytes=&lt;7&gt;"}));
}

TEST_CASE("findings, backup and resources are told") {
  Run run = good();
  run.findings = {{Severity::warning, Cause::none, "a <-wal> is missing"},
                  {Severity::failure, Cause::damaged, "bad"}};
  run.resources.max_anonymous = 3 << 20;
  CHECK(in_order(page(run),
                 {"<h2>Findings</h2>", "badge inconclusive\">warning", "a &lt;-wal&gt; is missing",
                  "badge failed\">failure", "<code>damaged</code>", "<h2>Backup</h2>",
                  "/backups/b.db.gz", "30 min before the run", "121 KiB (123,456 bytes)",
                  "aaaaaaaa", "sqlite database", "gzip", "<dd>full</dd>", "3 MiB"}));
  run.backup = {};
  CHECK(has(page(run), "No backup was chosen."));
}

TEST_CASE("a run that goes on shows how far it is, and stays live") {
  Seen seen;
  Run run;
  run.id = "20261123T115900Z-00000001";
  run.target = "unsure";
  run.started = at("2026-11-23T11:59:00Z");
  const std::string html = pages::run(seen.view(), run).body;
  CHECK(in_order(
      html, {"<main id=\"main\" tabindex=\"-1\" data-live>", "<p class=\"verdict running\"",
             "The run goes on.", "running: restore, 62 %", "fetch</th><td>done", "restore</th>",
             "<progress max=\"100\" value=\"40\" aria-label=\"restore\">", "40 B of 100 B",
             "check</th><td>to come"}));
  CHECK_FALSE(has(html, "<h2>Log</h2>"));
  CHECK_FALSE(has(page(good()), "data-live"));
}

TEST_CASE("a run that nobody goes on with has no result") {
  Run run = good();
  run.finished = false;
  const std::string html = page(run);
  CHECK(has(html, "<p class=\"verdict never\""));
  CHECK(has(html, "The run has no result yet."));
}

TEST_CASE("a run leads to its target only where that is configured") {
  CHECK(has(page(good()), "<a href=\"/targets/passing\"><bdi>passing</bdi></a></nav>"));
  CHECK(has(page(sample_run("gone", "2026-11-23T02:00:03Z")), " / <bdi>gone</bdi></nav>"));
}
