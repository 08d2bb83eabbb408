// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/layout.h"

#include <algorithm>

#include "exporter/pages/assets.h"
#include "exporter/pages/overview.h"
#include "exporter/pages/runbook.h"
#include "exporter/pages/schedule.h"
#include "support/support.h"
#include "unit/exporter_pages.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

}  // namespace

TEST_CASE("a page is confined to what comes from its own server") {
  const Response response = pages::overview(Seen().view());
  CHECK(response.content_type == "text/html; charset=utf-8");
  const std::string policy = header(response, "Content-Security-Policy");
  CHECK(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"));
  CHECK(has(policy, "frame-ancestors 'none'"));
  CHECK_FALSE(has(policy, "unsafe"));
  CHECK(header(response, "Referrer-Policy") == "no-referrer");
  CHECK(header(response, "Set-Cookie") == "");
}

TEST_CASE("a page has nothing inline and nothing from elsewhere") {
  Seen seen;
  for (const Response& response :
       {pages::overview(seen.view()), pages::schedule(seen.view()), pages::runbooks(seen.view())}) {
    CHECK_FALSE(has(response.body, "style=\""));
    CHECK_FALSE(has(response.body, "<style"));
    CHECK_FALSE(has(response.body, " onclick"));
    CHECK(count_of(response.body, "<script") == 1);
    CHECK_FALSE(has(response.body, "src=\"http"));
    CHECK_FALSE(has(response.body, "<form"));
  }
}

TEST_CASE("the navigation says where one is") {
  CHECK(has(pages::schedule(Seen().view()).body,
            "<a href=\"/schedule\" aria-current=\"page\">Schedule</a>"));
  CHECK(count_of(pages::overview(Seen().view()).body, "aria-current") == 1);
}

TEST_CASE("pages that change by themselves say when they were made") {
  CHECK(in_order(pages::overview(Seen().view()).body,
                 {"data-live", "As of <time datetime=\"2026-11-23T12:00:00Z\">"}));
  const std::string still = pages::runbooks(Seen().view()).body;
  CHECK_FALSE(has(still, "data-live"));
  CHECK_FALSE(has(still, "As of"));
}

TEST_CASE("what makes everything doubtful stands above it") {
  Seen seen;
  CHECK_FALSE(has(pages::overview(seen.view()).body, "class=\"notices\""));
  seen.snapshot.scheduler_last_tick = sample_now() - 7min;
  seen.snapshot.history_up = false;
  seen.snapshot.config.last_reload_ok = false;
  seen.snapshot.config.file = "/etc/<b>.toml";
  CHECK(in_order(
      pages::overview(seen.view()).body,
      {"<ul class=\"notices\">", "the scheduler has stood still for 7 min.",
       "the history cannot be read or written", "<code>/etc/&lt;b&gt;.toml</code>", "<h1>"}));
}

TEST_CASE("the footer leads to the metrics wherever they are") {
  Seen seen;
  seen.metrics_path = "/m";
  CHECK(has(pages::overview(seen.view()).body, "<a href=\"/m\">Metrics</a>"));
}

TEST_CASE("what is missing is a page with 404") {
  const Response response = pages::missing(Seen().view(), "", "No <such>", "There is <b>none</b>.");
  CHECK(response.status == 404);
  CHECK(has(response.body, "<h1>No &lt;such&gt;</h1>"));
  CHECK(has(response.body, "There is <b>none</b>."));
}

TEST_CASE("style, script and icon are part of the program") {
  CHECK(pages::static_file("style.css").content_type == "text/css; charset=utf-8");
  CHECK(pages::static_file("live.js").content_type == "text/javascript; charset=utf-8");
  CHECK(pages::static_file("icon.svg").content_type == "image/svg+xml");
  const std::string folder = std::string(BACKPROOF_SOURCE_DIR) + "/exporter/pages/";
  for (const char* name : {"style.css", "live.js", "icon.svg"}) {
    INFO(name);
    CHECK(pages::static_file(name).body + "." == sh("cat " + folder + name + "; printf ."));
  }
}

TEST_CASE("nothing else is a static file") {
  for (const char* name :
       {"", "nothing", "../style.css", "layout.cc", "STYLE.CSS", "../runbooks/Watchdog.md"}) {
    INFO(name);
    CHECK(pages::static_file(name).status == 404);
  }
  CHECK(std::ranges::is_sorted(pages::assets(), {}, &pages::Asset::name));
}

TEST_CASE("every runbook has a page, and the list leads to it") {
  const std::string list = pages::runbooks(Seen().view()).body;
  std::size_t runbooks = 0;
  for (const pages::Asset& asset : pages::assets()) {
    if (!asset.name.starts_with("runbooks/") || has(asset.name, "README")) continue;
    const std::string name(asset.name.substr(9, asset.name.size() - 12));
    INFO(name);
    CHECK(has(list, "<a href=\"/runbooks/" + name + "\">" + name + "</a></dt><dd>"));
    const Response page = pages::runbook(Seen().view(), name);
    CHECK(page.status == 200);
    CHECK(has(page.body, "<article class=\"runbook\">\n<h1>" + name + "</h1>"));
    ++runbooks;
  }
  CHECK(runbooks > 10);
}

TEST_CASE("a runbook that is not there") {
  for (const char* name : {"<b>", "../style", "BackproofNoBackup.md", "README/x"}) {
    const Response response = pages::runbook(Seen().view(), name);
    CHECK(response.status == 404);
    CHECK_FALSE(has(response.body, "<b>"));
  }
}

TEST_CASE("the schedule says what runs, waits, is due and was missed") {
  CHECK(in_order(pages::schedule(Seen().view()).body,
                 {"1 of 2 workers busy, 1 target waiting", "<h2>Running</h2>", "<bdi>unsure</bdi>",
                  "running: restore, 62 %", "<h2>Waiting</h2>", "<bdi>ev&quot;il", "<h2>Due</h2>",
                  "<bdi>passing</bdi>", "in 14 h", "2026-11-24 02:00:00", "<code>0 3 * * *</code>",
                  "Europe/Berlin", "badge passed", "<h2>Not scheduled</h2>", "disabled",
                  "only by hand", "<h2>Misfires</h2>", "<code>downtime</code>", ">2</td>"}));
}

TEST_CASE("an idle schedule says so") {
  Seen seen;
  seen.snapshot.targets.clear();
  CHECK(in_order(pages::schedule(seen.view()).body,
                 {"Nothing is running.", "Nothing is waiting for a worker.",
                  "No target has a schedule.", "There were none."}));
}
