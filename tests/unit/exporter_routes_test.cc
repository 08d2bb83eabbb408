// SPDX-License-Identifier: Apache-2.0
#include "exporter/routes.h"

#include "base/text.h"
#include "exporter/pages/html.h"
#include "exporter/pages/words.h"
#include "support/support.h"
#include "unit/exporter_samples.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// The real routes on a real server over a real history.
struct House {
  Folder folder;
  Published<Snapshot> snapshot{sample_snapshot()};
  std::unique_ptr<HistoryStore> history;
  std::atomic<bool> ready{true};
  FakeClock clock{sample_now()};
  std::unique_ptr<HttpServer> server;

  House() {
    auto opened = HistoryStore::open(folder / "history.db");
    REQUIRE(opened);
    history = *std::move(opened);
    auto started = HttpServer::start({"127.0.0.1:0"},
                                     make_routes({snapshot, *history, ready, clock, nullptr}));
    REQUIRE(started);
    server = *std::move(started);
  }
  std::string curl(const std::string& path, const std::string& options = "") const {
    return sh("curl -sS --path-as-is --max-time 20 " + options + " 'http://" +
              server->addresses().at(0) + path + "'");
  }
  std::string status(const std::string& path, const std::string& options = "") const {
    return curl(path, "-o /dev/null -w '%{http_code}' " + options);
  }
};

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every address answers GET and HEAD, all others are not found") {
  const House house;
  for (const char* path :
       {"/", "/metrics", "/-/healthy", "/-/ready", "/api/v1/backup/verification", "/api/v1/targets",
        "/api/v1/runs", "/metrics?x=y", "/%6detrics", "/schedule", "/runbooks", "/runbooks/",
        "/runbooks/Watchdog", "/targets/passing", "/targets/?name=passing", "/static/style.css",
        "/static/live.js", "/static/icon.svg"}) {
    INFO(path);
    CHECK(house.status(path) == "200");
    CHECK(house.status(path, "-I") == "200");
  }
  for (const char* path : {"/metricsfoo",
                           "/metrics/",
                           "/metrics/x",
                           "//metrics",
                           "/x/../metrics",
                           "/favicon.ico",
                           "/api",
                           "/api/v1",
                           "/api/v1/runs/",
                           "/api/v1/targets/x",
                           "/-/",
                           "/-/reload",
                           "/etc/passwd",
                           "/../../../etc/passwd",
                           "/.htpasswd",
                           "/schedule/",
                           "/runbooks/x",
                           "/targets",
                           "/targets/",
                           "/targets/nobody",
                           "/targets/?name=nobody",
                           "/targets/?name=%zz",
                           "/runs/x",
                           "/runs/20990101T000000Z-00000000",
                           "/drills/x",
                           "/drills/20990101T000000Z-00000000",
                           "/api/v1/drills/20990101T000000Z-00000000",
                           "/static/",
                           "/static/x",
                           "/static/..%2Fstyle.css"}) {
    INFO(path);
    CHECK(house.status(path) == "404");
    CHECK(house.status(path, "-I") == "404");
  }
}

TEST_CASE("other methods are refused with those that are allowed") {
  const House house;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    INFO(method);
    const std::string answer = house.curl("/metrics", "-i -X " + std::string(method));
    CHECK(answer.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
    CHECK(contains(answer, "\r\nAllow: GET, HEAD\r\n"));
  }
  CHECK(house.status("/nowhere", "-X POST") == "404");
  CHECK(contains(house.curl("/api/v1/runs", "-X POST"), "{\"error\":"));
}

TEST_CASE("the metrics are the page, gzipped only when that is wanted") {
  const House house;
  const std::string head = house.curl("/metrics", "-I");
  CHECK(contains(head, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  CHECK(contains(head, "Vary: Accept, Accept-Encoding\r\n"));
  const std::string plain = house.curl("/metrics");
  CHECK(contains(plain, "\nbackproof_runs_total{target=\"passing\"} 30\n"));
  CHECK(contains(plain, "\nprocess_start_time_seconds "));
  const std::string zipped = house.curl("/metrics", "-i -H 'Accept-Encoding: gzip'");
  CHECK(contains(zipped, "Content-Encoding: gzip\r\n"));
  CHECK(zipped.size() < plain.size() / 4);
  CHECK(contains(house.curl("/metrics", "--compressed"),
                 "\nbackproof_runs_total{target=\"passing\"} 30\n"));
  CHECK_FALSE(
      contains(house.curl("/metrics", "-i -H 'Accept-Encoding: gzip;q=0'"), "Content-Encoding"));
  CHECK(contains(house.curl("/", "-I -H 'Accept-Encoding: gzip'"), "Content-Encoding: gzip\r\n"));
  CHECK_FALSE(contains(house.curl("/-/healthy", "-i --compressed"), "Content-Encoding"));
}

TEST_CASE("the metrics follow the published snapshot") {
  House house;
  Snapshot next;
  next.targets.emplace_back().target->name = "new";
  house.snapshot.set(next);
  const std::string page = house.curl("/metrics");
  CHECK(contains(page, "\nbackproof_runs_total{target=\"new\"} 0\n"));
  CHECK_FALSE(contains(page, "passing"));
}

TEST_CASE("health is always told, readiness only when it is there") {
  House house;
  CHECK(house.curl("/-/healthy") == "backproof is healthy.\n");
  house.ready = false;
  CHECK(house.status("/-/ready") == "503");
  CHECK(house.status("/-/healthy") == "200");
  house.ready = true;
  CHECK(house.curl("/-/ready") == "backproof is ready.\n");
}

TEST_CASE("errors below /api are JSON, elsewhere text") {
  const House house;
  CHECK(house.curl("/api/v2") == "{\"error\":\"not found\",\"hint\":null}\n");
  CHECK(house.curl("/nowhere") == "not found\n");
  CHECK(contains(house.curl("/api/nothing", "-i"), "Content-Type: application/json\r\n"));
  CHECK(house.status("/api/v1/runs?limit=0") == "400");
  CHECK(house.status("/api/v1/runs?limit=%zz") == "400");
  CHECK(house.status("/api/v1/targets?x=1") == "400");
  CHECK(house.status("/api/v1/backup/verification?target=nobody") == "404");
  CHECK(house.status("/api/v1/runs/20990101") == "404");
}

TEST_CASE("a hostile name survives its way through the query") {
  const House house;
  CHECK(contains(house.curl("/api/v1/backup/verification?target=passing"), "\"success\""));
  CHECK(house.status("/api/v1/backup/verification?target=ev%22il%5c+%3Cb%3E") == "404");
  CHECK(house.status("/api/v1/backup/verification?target=%ff%fe") == "400");
  CHECK(house.status("/api/v1/backup/verification?target=" + std::string(3000, 'a')) == "400");
}

TEST_CASE("one run is served by its id") {
  House house;
  const Run run = sample_run("passing", "2026-11-20T00:00:00Z");
  REQUIRE(house.history->begin(run));
  REQUIRE(house.history->finish(run));
  CHECK(contains(house.curl("/api/v1/runs"), run.id));
  CHECK(contains(house.curl("/api/v1/runs/" + run.id), "\"log\""));
  CHECK(house.status("/api/v1/runs/" + run.id, "-I") == "200");
}

TEST_CASE("one drill is served by its id, as a page and as JSON, and listed on its target's page") {
  House house;
  const Drill drill = sample_drill("passing", "2026-10-01T04:00:00Z");
  REQUIRE(house.history->finish(drill));
  const std::string page = house.curl("/drills/" + drill.id, "-i");
  CHECK(contains(page, "HTTP/1.1 200"));
  CHECK(contains(page, "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline';"));
  CHECK(contains(page, "<h1>Recovery drill of <bdi>passing</bdi>"));
  CHECK(house.status("/drills/" + drill.id, "-I") == "200");
  CHECK(contains(house.curl("/targets/passing"), "<a href=\"/drills/" + drill.id + "\">"));
  CHECK(contains(house.curl("/api/v1/drills/" + drill.id), "\"proof\":{"));
  CHECK(contains(house.curl("/api/v1/drills?target=passing"), "{\"drills\":[{\"version\":1"));
  CHECK(house.status("/api/v1/drills") == "400");
}

TEST_CASE("the pages come with their policy") {
  const House house;
  const std::string answer = house.curl("/", "-i");
  CHECK(contains(answer, "Content-Type: text/html; charset=utf-8\r\n"));
  CHECK(contains(answer, "Content-Security-Policy: default-src 'none'; style-src 'self';"));
  CHECK(contains(answer, "X-Content-Type-Options: nosniff\r\n"));
  CHECK(contains(answer, "<bdi>passing</bdi>"));
  CHECK_FALSE(contains(answer, "Set-Cookie"));
}

TEST_CASE("a page is there for any name of a target") {
  House house;
  Snapshot snapshot;
  for (const char* name : {".", "..", "a/../b?c#d%2e+e&f", "ü <b>"})
    snapshot.targets.emplace_back().target->name = name;
  house.snapshot.set(snapshot);
  for (const TargetState& state : snapshot.targets) {
    INFO(state.target->name);
    CHECK(contains(house.curl(pages::target_path(state.target->name)),
                   "<h1>" + pages::isolated(state.target->name) + "</h1>"));
  }
}

TEST_CASE("a run's page is there, and one that is not says so") {
  House house;
  const Run run = sample_run("passing", "2026-11-20T00:00:00Z");
  REQUIRE(house.history->begin(run));
  REQUIRE(house.history->finish(run));
  CHECK(contains(house.curl("/runs/" + run.id), "<h1>Run of <bdi>passing</bdi>"));
  CHECK(contains(house.curl("/targets/passing"), "href=\"/runs/" + run.id + "\""));
  CHECK(contains(house.curl("/runs/%3Cb%3E"), "There is no run <bdi>&lt;b&gt;</bdi>."));
  CHECK(contains(house.curl("/targets/%3Cb%3E"), "No target <bdi>&lt;b&gt;</bdi> is configured."));
}
