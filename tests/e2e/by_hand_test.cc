// SPDX-License-Identifier: Apache-2.0
// What somebody asks of the service that runs: from a shell of its host, and from elsewhere.
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <future>
#include <nlohmann/json.hpp>

#include "support/damage.h"
#include "support/pki.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using nlohmann::json;

namespace {

// Targets that nothing but a person starts: one good, one bad, one whose dump has no end.
struct Office {
  explicit Office(const std::vector<std::string>& more = {}, const std::string& defaults = "") {
    std::string toml =
        "state_dir = \"state\"\nscratch_dir = \"scratch\"\nmax_parallel = 2\n" + defaults;
    for (const std::string target : {"good", "bad", "endless"}) {
      std::filesystem::create_directories(folder / target);
      toml += "[[target]]\nname = \"" + target +
              "\"\nschedule = \"none\"\nsource = { kind = "
              "\"directory\", path = \"" +
              target + "\", settle = \"0s\" }\n";
    }
    sh("mv " + make_shop(folder, "x.db").native() + " " + (folder / "good/a.db").native());
    folder.write("bad/a.db", "not a backup");
    folder.write("endless/a.sql",
                 "BEGIN TRANSACTION;\nCREATE TABLE t(a);\nWITH RECURSIVE n(i) AS (SELECT 1 UNION "
                 "ALL SELECT i FROM n) INSERT INTO t SELECT i FROM n WHERE i = 0;\nCOMMIT;\n");
    config = folder.write("backproof.toml", toml);
    server = std::make_unique<Server>(config, more);
  }

  Output verify(const std::string& target) const { return program(waiting_for(target)); }
  // The same beside the test.
  std::future<Result<Output>> begin_to_verify(const std::string& target) const {
    return std::async(std::launch::async, call_program, waiting_for(target));
  }
  std::string running_run(const std::string& target) const {
    const json all = json::parse(server->get("/api/v1/targets"));
    for (const json& each : all.at("targets"))
      if (each.at("name") == target && !each.at("running").is_null())
        return each.at("running").at("run");
    return "";
  }
  // The status and the body of a POST, with curl's options in front of the address.
  std::pair<std::string, std::string> post(const std::string& path,
                                           const std::string& options = "") const {
    const std::string answer = sh("curl -s -X POST -w '\\n%{http_code}' " + options + " http://" +
                                  server->address() + path);
    const std::size_t end = answer.rfind('\n');
    return {answer.substr(end + 1), answer.substr(0, end)};
  }

  Folder folder;
  Path config;
  std::unique_ptr<Server> server;

 private:
  std::vector<std::string> waiting_for(const std::string& target) const {
    return {"verify", "--config.file", config, "--target", target, "--wait", "--format", "json"};
  }
};

}  // namespace

TEST_CASE("verify --wait has the service verify, and tells its verdict") {
  const Office office;
  const Output good = office.verify("good");
  INFO(good.err);
  CHECK(good.ended.exit_code == 0);
  const json run = json::parse(good.out);
  CHECK(run.at("verdict") == "passed");
  CHECK(run.at("trigger") == "manual");
  // It is a run of the service, not of another process.
  CHECK(office.server->metric("backproof_runs_total{target=\"good\"}") == 1);
  CHECK(office.verify("bad").ended.exit_code == 1);
  const Output nobody = office.verify("nobody");
  CHECK(nobody.ended.exit_code == 64);
  CHECK(nobody.err.find("no target") != std::string::npos);
}

TEST_CASE("cancel ends a run of the service, which is not made again") {
  const Office office;
  auto verification = office.begin_to_verify("endless");
  office.server->wait_for("/api/v1/targets", [&](const std::string&) {
    return !office.running_run("endless").empty();
  });
  const std::string id = office.running_run("endless");
  const Output cancelled = program({"cancel", "--config.file", office.config, id.substr(0, 20)});
  INFO(cancelled.err);
  CHECK(cancelled.ended.exit_code == 0);
  const Output waited = completed(verification.get());
  CHECK(waited.ended.exit_code == 2);
  CHECK(json::parse(waited.out).at("cause") == "cancelled");
  CHECK(json::parse(waited.out).at("id") == id);
  const Output again = program({"cancel", "--config.file", office.config, id});
  CHECK(again.ended.exit_code == 64);
  CHECK(again.err.find("has ended already") != std::string::npos);
  CHECK(office.running_run("endless").empty());
}

TEST_CASE("without a service there is nobody to ask") {
  Office office;
  office.server.reset();
  const Output waited = office.verify("good");
  CHECK(waited.ended.exit_code == 64);
  CHECK(waited.err.find("no service runs with the history in ") != std::string::npos);
  CHECK(program({"cancel", "--config.file", office.config, "20261123T143454Z-1f0c9a3e"})
            .ended.exit_code == 64);
}

TEST_CASE("nothing is started over HTTP where nobody is asked for a password") {
  const Office office;
  CHECK(office.post("/api/v1/targets/good/verify").first == "403");
  CHECK(office.server->metric("backproof_runs_total{target=\"good\"}") == 0);
}

TEST_CASE(
    "whoever has the password starts a verification over HTTP, and no other site's page does") {
  const Folder web;
  web.write("web.yml", "basic_auth_users:\n  sre: " + std::string(hash_of_secret) + "\n");
  const Office office({"--web.config.file=" + (web / "web.yml").native()});
  const std::string path = "/api/v1/targets/good/verify", mine = "-u sre:secret ";
  CHECK(office.post(path).first == "401");
  CHECK(office.post(path, "-u sre:wrong").first == "401");
  CHECK(office.post(path, mine + "-H 'Origin: https://evil.example'").first == "403");
  CHECK(office.post("/api/v1/targets/nobody/verify", mine).first == "404");
  CHECK(sh("curl -s -o /dev/null -w '%{http_code}' " + mine + "http://" + office.server->address() +
           path) == "405");
  const auto [status, body] =
      office.post(path, mine + "-H 'Origin: http://" + office.server->address() + "'");
  CHECK(status == "202");
  const std::string id = json::parse(body).at("run");
  const auto shown = [&] {
    return sh("curl -s " + mine + "http://" + office.server->address() + "/api/v1/runs/" + id);
  };
  const Stopwatch watch;
  while (json::parse(shown()).value("finished", false) == false)
    REQUIRE(watch.took() < std::chrono::seconds(60));
  CHECK(json::parse(shown()).at("verdict") == "passed");
  // One that goes on is not started again.
  CHECK(office.post("/api/v1/targets/endless/verify", mine).first == "202");
  const Stopwatch patience;
  while (office.post("/api/v1/targets/endless/verify", mine).first != "409")
    REQUIRE(patience.took() < std::chrono::seconds(60));
}

TEST_CASE("a verification leaves the processor and the disks to others, and takes what it may") {
  const Office office({}, "[defaults]\nnice = 15\nio_priority = \"idle\"\nmax_cpu = \"2s\"\n");
  auto verification = office.begin_to_verify("endless");
  constexpr int process = 1, class_shift = 13, idle = 3;
  bool seen = false;
  const Stopwatch watch;
  // The worker lives for two seconds of the processor.
  while (!seen && watch.took() < std::chrono::seconds(60))
    for (const pid_t worker : children_of(office.server->pid()))
      seen = seen || (getpriority(PRIO_PROCESS, static_cast<id_t>(worker)) == 15 &&
                      syscall(SYS_ioprio_get, process, worker) >> class_shift == idle);
  const Output waited = completed(verification.get());
  CHECK(seen);
  CHECK(waited.ended.exit_code == 2);
  const json run = json::parse(waited.out);
  CHECK(run.at("cause") == "timeout");
  CHECK(run.at("reason").get<std::string>().find("2s of processor time") != std::string::npos);
}
