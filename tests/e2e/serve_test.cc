// SPDX-License-Identifier: Apache-2.0
// The whole program as a service: schedule, history, metrics, signals.
#include <signal.h>
#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "support/damage.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

// A folder with a configuration of these targets, each with a source folder of its name.
class House {
 public:
  explicit House(const std::vector<std::string>& targets, const std::string& more = "") {
    for (const std::string& target : targets) std::filesystem::create_directories(folder_ / target);
    configure(targets, more);
  }
  void configure(const std::vector<std::string>& targets, const std::string& more = "") const {
    std::string toml = "state_dir = \"state\"\nscratch_dir = \"scratch\"\n" + more;
    for (const std::string& target : targets)
      toml += "[[target]]\nname = \"" + target + "\"\nsource = { kind = \"directory\", path = \"" +
              target + "\", settle = \"0s\" }\n";
    folder_.write("backproof.toml", toml);
  }
  Path config() const { return folder_ / "backproof.toml"; }
  Path scratch() const { return folder_ / "scratch"; }
  const Folder& folder() const { return folder_; }
  void lay_good(const std::string& target) const {
    sh("gzip -c " + make_shop(folder_, "x.db").native() + " >" +
       (folder_ / target / "a.db.gz").native() + "; rm " + (folder_ / "x.db").native());
  }
  void lay_bad(const std::string& target) const {
    folder_.write(target + "/a.db.gz", "not a backup");
  }
  // A dump that keeps its worker busy until it is stopped.
  void lay_endless(const std::string& target) const {
    folder_.write(target + "/a.sql",
                  "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nWITH RECURSIVE n(i) AS (SELECT 1 UNION "
                  "ALL SELECT i FROM n) INSERT INTO t SELECT i FROM n WHERE i = 0;\nCOMMIT;\n");
  }

 private:
  Folder folder_;
};

bool ran(const Server& server, const std::string& target) {
  return server.metric("backproof_runs_total{target=\"" + target + "\"}") > 0;
}

void wait_until_ran(const Server& server, const std::string& target) {
  server.wait_for("/metrics", [&](const std::string&) { return ran(server, target); });
}

void wait_until_running(const Server& server, const std::string& target) {
  server.wait_for("/metrics", [&](const std::string&) {
    return server.metric("backproof_run_in_progress{target=\"" + target + "\"}") > 0;
  });
}

std::string runs_of(const std::string& target) {
  return "backproof_runs_total{target=\"" + target + "\"}";
}

}  // namespace

TEST_CASE("targets that never ran are verified at the first start and served") {
  const House house({"good", "bad", "none"});
  house.lay_good("good");
  house.lay_bad("bad");
  Server server(house.config());
  wait_until_ran(server, "good");
  wait_until_ran(server, "bad");
  CHECK(server.metric("backproof_last_run_success{target=\"good\"}") == 1);
  CHECK(server.metric("backproof_last_run_result{target=\"bad\",result=\"failed\"}") == 1);
  CHECK(server.metric("backproof_run_failures_total{target=\"bad\",cause=\"wrong_format\"}") == 1);
  CHECK(server.metric(runs_of("none")) == 0);
  CHECK(server.metric("backproof_backups{target=\"none\"}") == 0);
  CHECK(server.metric("backproof_last_restore_rows{target=\"good\"}") == 6000);

  const auto status = [&](const std::string& query) {
    return json::parse(server.get("/api/v1/backup/verification" + query));
  };
  CHECK(status("?target=good").at("status") == "success");
  CHECK(status("?target=good").at("backup_file").get<std::string>().ends_with("good/a.db.gz"));
  CHECK(status("?target=bad").at("status") == "failed");
  CHECK(status("?target=none") ==
        json{{"last_verification", nullptr}, {"status", "never_run"}, {"backup_file", nullptr}});
  CHECK_FALSE(status("").at("last_verification").is_null());
  CHECK(json::parse(server.get("/api/v1/runs?target=bad")).at("runs").at(0).at("cause") ==
        "wrong_format");
  CHECK(json::parse(server.get("/api/v1/targets")).at("targets").size() == 3);
  CHECK(server.get("/").find("good") != std::string::npos);
  CHECK(server.get("/-/ready").find("ready") != std::string::npos);
  sh("printf '%s' " + text::quote_shell(server.get("/metrics")) + " | promtool check metrics");

  server.signal(SIGTERM);
  const Ended ended = server.wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.signal == 0);
  CHECK(std::filesystem::is_empty(house.scratch()));
}

TEST_CASE("counters and results go on after a restart, and nothing runs again") {
  const House house({"good", "bad"});
  house.lay_good("good");
  house.lay_bad("bad");
  std::string before;
  {
    Server server(house.config());
    wait_until_ran(server, "good");
    wait_until_ran(server, "bad");
    before = server.get("/api/v1/runs");
    server.signal(SIGTERM);
    CHECK(server.wait().exit_code == 0);
  }
  Server server(house.config());
  CHECK(server.metric(runs_of("good")) == 1);
  CHECK(server.metric(runs_of("bad")) == 1);
  CHECK(server.metric("backproof_last_run_success{target=\"good\"}") == 1);
  CHECK(server.get("/api/v1/runs") == before);
}

TEST_CASE("SIGTERM during a verification stops within five seconds and leaves nothing") {
  const House house({"busy"});
  house.lay_endless("busy");
  Server server(house.config());
  wait_until_running(server, "busy");
  REQUIRE(children_of(server.pid()).size() == 1);
  const Stopwatch watch;
  server.signal(SIGTERM);
  const Ended ended = server.wait();
  CHECK(watch.took() < std::chrono::seconds(5));
  CHECK(ended.exit_code == 0);
  CHECK(std::filesystem::is_empty(house.scratch()));
  const Output history =
      program({"history", "--config.file", house.config().native(), "--format", "json"});
  CHECK(json::parse(history.out).at("cause") == "interrupted");
}

TEST_CASE("a worker killed by a signal is inconclusive: crashed, and the service goes on") {
  const House house({"busy", "good"}, "max_parallel = 2\n");
  house.lay_endless("busy");
  house.lay_good("good");
  Server server(house.config());
  wait_until_ran(server, "good");
  wait_until_running(server, "busy");
  const auto workers = children_of(server.pid());
  REQUIRE(workers.size() == 1);
  // Scrapes come first on a busy host.
  CHECK(::getpriority(PRIO_PROCESS, static_cast<id_t>(workers.front())) >= 10);
  REQUIRE(::kill(workers.front(), SIGABRT) == 0);
  wait_until_ran(server, "busy");
  CHECK(server.metric("backproof_run_failures_total{target=\"busy\",cause=\"crashed\"}") == 1);
  CHECK(server.metric("backproof_last_run_result{target=\"busy\",result=\"inconclusive\"}") == 1);
  CHECK(server.get("/api/v1/runs?target=busy").find("SIGABRT") != std::string::npos);
  CHECK(std::filesystem::is_empty(house.scratch()));
}

TEST_CASE("a service killed in a run leaves a visible unfinished run that becomes interrupted") {
  const House house({"busy"});
  house.lay_endless("busy");
  pid_t worker = 0;
  {
    Server server(house.config());
    wait_until_running(server, "busy");
    // The run is there before its worker.
    while (children_of(server.pid()).empty()) sh("true");
    worker = children_of(server.pid()).at(0);
    server.signal(SIGKILL);
    CHECK(server.wait().signal == SIGKILL);
  }
  // The worker died with its parent.
  while (std::filesystem::exists("/proc/" + std::to_string(worker) + "/exe")) sh("true");
  const Output history =
      program({"history", "--config.file", house.config().native(), "--format", "json"});
  CHECK(json::parse(history.out).at("finished") == false);

  Server server(house.config());
  CHECK(server.metric("backproof_run_failures_total{target=\"busy\",cause=\"interrupted\"}") == 1);
  wait_until_running(server, "busy");
  CHECK(server.metric("backproof_sandbox_leftovers") == 0);
  CHECK(left_in(house.scratch()).size() == 1);
}

TEST_CASE("SIGHUP takes a good configuration and keeps the old one when the new one is bad") {
  const House house({"good"});
  house.lay_good("good");
  Server server(house.config());
  wait_until_ran(server, "good");
  CHECK(server.metric("backproof_config_last_reload_successful") == 1);

  house.folder().write("backproof.toml", "no_such_key = 1\n");
  server.signal(SIGHUP);
  server.wait_for_log("the old configuration is kept");
  CHECK(server.metric("backproof_config_last_reload_successful") == 0);
  CHECK(server.metric(runs_of("good")) == 1);

  std::filesystem::create_directories(house.folder() / "second");
  house.configure({"good", "second"});
  server.signal(SIGHUP);
  server.wait_for_log("configuration reloaded");
  CHECK(server.metric("backproof_config_last_reload_successful") == 1);
  CHECK(server.metric(runs_of("good")) == 1);
  CHECK(server.metric(runs_of("second")) == 0);

  house.configure({"second"});
  server.signal(SIGHUP);
  server.wait_for("/metrics", [](const std::string& page) {
    return page.find("target=\"good\"") == std::string::npos;
  });
}

TEST_CASE("a verification by hand shows on the metrics of the running service") {
  const House house({"good"});
  house.lay_good("good");
  Server server(house.config());
  wait_until_ran(server, "good");
  const Output output =
      program({"verify", "--config.file", house.config().native(), "--target", "good", "--quiet"});
  CHECK(output.ended.exit_code == 0);
  CHECK(output.out.empty());
  server.wait_for("/metrics",
                  [&](const std::string&) { return server.metric(runs_of("good")) == 2; });
}

TEST_CASE("a service that cannot start says why and has changed nothing") {
  const House house({"good"});
  const Server server(house.config());
  const auto start = [&](const std::string& address) {
    return program(
        {"serve", "--config.file", house.config().native(), "--web.listen-address", address});
  };
  const Output second = start("127.0.0.1:0");
  CHECK(second.ended.exit_code == 64);
  CHECK(second.err.find("another backproof serves the history") != std::string::npos);
  const Output nowhere = start("no-such-host.invalid:1");
  CHECK(nowhere.ended.exit_code == 64);
  CHECK(nowhere.err.find("hint: ") != std::string::npos);
}

TEST_CASE("a source that is away at the start keeps no other target from being watched") {
  const House house({"good", "away"});
  house.lay_good("good");
  std::filesystem::remove(house.folder() / "away");
  Server server(house.config());
  wait_until_ran(server, "good");
  CHECK(server.metric("backproof_backup_inventory_timestamp_seconds{target=\"away\"}") == 0);
  CHECK(server.log().find("away") != std::string::npos);
}
