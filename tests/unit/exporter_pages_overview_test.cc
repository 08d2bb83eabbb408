// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/overview.h"

#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// Only these targets, enabled, with a last run of these verdicts.
Seen with(std::initializer_list<Verdict> verdicts) {
  Seen seen;
  const TargetState passing = seen.target("passing");
  seen.snapshot.targets.clear();
  for (const Verdict verdict : verdicts) {
    TargetState state = passing;
    state.target->name = "t" + std::to_string(seen.snapshot.targets.size());
    state.history.last_run->verdict = verdict;
    seen.snapshot.targets.push_back(state);
  }
  return seen;
}

std::string page(const Seen& seen) {
  return pages::overview(seen.view()).body;
}

}  // namespace

TEST_CASE("the overview shows the worst target first") {
  Seen seen;
  CHECK(in_order(page(seen), {"<bdi>unsure</bdi>", "<bdi>ev&quot;il", "<bdi>passing</bdi>",
                              "<bdi>failing</bdi>"}));
  seen.target("failing").target->enabled = true;
  seen.target("unsure").target->max_age = 24h;
  seen.target("unsure").history.last_passed = sample_run("unsure", "2026-11-20T00:00:00Z");
  CHECK(in_order(page(seen), {"<bdi>failing</bdi>", "<bdi>unsure</bdi>", "<bdi>ev&quot;il",
                              "<bdi>passing</bdi>"}));
}

TEST_CASE("of targets in one state those that miss more objectives come first, then by name") {
  Seen seen = with({Verdict::passed, Verdict::passed, Verdict::passed});
  seen.target("t2").target->rto = 1s;
  CHECK(in_order(page(seen), {"<bdi>t2</bdi>", "<bdi>t0</bdi>", "<bdi>t1</bdi>"}));
}

TEST_CASE("a target stays failed until it passes, whatever could not be told meanwhile") {
  Seen seen = with({Verdict::inconclusive});
  CHECK(has(page(seen), "<tr id=\"t0\" class=\"inconclusive\">"));
  seen.target("t0").history.failed_since_pass = true;
  CHECK(has(page(seen), "<tr id=\"t0\" class=\"failed\">"));
  CHECK(has(page(seen), " last run inconclusive"));
}

TEST_CASE("a row keeps its id when the order changes") {
  CHECK(has(page(Seen()),
            "<tr id=\"t2\" class=\"inconclusive\"><th scope=\"row\"><a "
            "href=\"/targets/unsure\"><bdi>unsure</bdi></a>"));
}

TEST_CASE("the overview answers its question") {
  CHECK(has(page(with({Verdict::passed})),
            "<p class=\"summary passed\" role=\"status\"><strong>Yes: the target is proven to "
            "restore.</strong> </p>"));
  CHECK(has(page(with({Verdict::passed, Verdict::passed})),
            "<strong>Yes: all 2 targets are proven to restore.</strong>"));
  CHECK(has(page(with({Verdict::failed})), "<strong>No: the target has a bad backup.</strong>"));
  CHECK(has(page(with({Verdict::failed, Verdict::passed, Verdict::failed})),
            "<p class=\"summary failed\" role=\"status\"><strong>No: 2 of 3 targets have a bad "
            "backup.</strong> 1 is proven to restore. </p>"));
  CHECK(has(page(with({Verdict::inconclusive, Verdict::passed})),
            "<strong>Not known of 1 of 2 targets.</strong>"));
}

TEST_CASE("the summary counts every state once") {
  CHECK(has(page(Seen()),
            "<p class=\"summary inconclusive\" role=\"status\"><strong>Not known of 2 of 3 "
            "targets.</strong> 1 is proven to restore, 1 is inconclusive, 1 never ran. 1 is "
            "disabled.</p>"));
}

TEST_CASE("a missed objective is said, but is no failure") {
  Seen seen = with({Verdict::passed});
  seen.target("t0").target->rto = 5s;
  const std::string html = page(seen);
  CHECK(has(html, "<strong>Yes: the target is proven to restore.</strong> 1 misses an objective."));
  CHECK(has(html, "20 s <small class=\"over\">over the RTO of <span class=\"whole\">5 s</span>"));
}

TEST_CASE("nobody is told that all is well when every target is disabled") {
  Seen seen = with({Verdict::passed});
  seen.target("t0").target->enabled = false;
  CHECK(has(page(seen),
            "<p class=\"summary disabled\" role=\"status\"><strong>Nobody looks: every "
            "target is disabled.</strong>"));
}

TEST_CASE("the title of the overview says bad news in a tab") {
  CHECK(has(page(with({Verdict::failed})), "<title>1 bad backup – backproof</title>"));
  CHECK(has(page(with({Verdict::passed})), "<title>Overview – backproof</title>"));
}

TEST_CASE("a row says ages, limits and what comes next") {
  const std::string html = page(Seen());
  CHECK(in_order(html, {"<bdi>passing</bdi>",
                        "9 h 58 min ago</time> <small>limit <span "
                        "class=\"whole\">2 d 4 h</span>",
                        "10 h 30 min ago</time>", "RPO", "1 d 2 h", "20 s", "RTO", "10 min",
                        "in 14 h</time>"}));
  CHECK(has(html,
            "running: restore, 62 % <progress max=\"100\" value=\"62\" "
            "aria-label=\"run\">62 %</progress> for 1 min"));
  CHECK(has(html, "waiting for a worker"));
}

TEST_CASE("no backup at all misses the objective without a number") {
  Seen seen;
  TargetState& state = seen.target("passing");
  state.inventory.newest.reset();
  state.inventory.backups = 0;
  CHECK(has(page(seen), "<span class=\"over\">none found</span> <small class=\"over\">RPO "));
}

TEST_CASE("what comes from outside is text in the overview") {
  const std::string html = page(Seen());
  CHECK(has(html, "ev&quot;il\\ &lt;b&gt;&amp;&#39;\n"));
  CHECK(
      has(html, "table &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot; &amp; &#39;friends&#39;"));
  CHECK(has(html, "listing backups: <bdi>permission denied</bdi>"));
  CHECK_FALSE(has(html, "<script>"));
  CHECK_FALSE(has(html, "<b>&"));
}

TEST_CASE("a row says of a self-test only that it missed damages") {
  Seen seen = with({Verdict::passed});
  CHECK_FALSE(has(page(seen), "self-test"));
  auto& last = seen.target("t0").history.last_selftest;
  last->trials[0].result = TrialResult::undecided;
  CHECK_FALSE(has(page(seen), "self-test"));
  last->trials[1].result = last->trials[2].result = TrialResult::missed;
  CHECK(has(page(seen),
            "<a href=\"/targets/t0#selftest\"><span class=\"over\">Its self-test missed 2 "
            "damages</span></a>"));
  CHECK(has(page(seen), "<strong>Yes: the target is proven to restore.</strong>"));
  last.reset();
  CHECK_FALSE(has(page(seen), "self-test"));
}

TEST_CASE("an overview without targets says so") {
  Seen seen;
  seen.snapshot.targets.clear();
  const std::string html = page(seen);
  CHECK(has(html, "<p>No targets are configured.</p>"));
  CHECK_FALSE(has(html, "<table"));
  CHECK_FALSE(has(html, "id=\"filter\""));
}
