// SPDX-License-Identifier: Apache-2.0
// The service as its neighbours meet it: connections, addresses, signals at any time.
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "support/damage.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A configuration of one target without a backup.
Path configuration(const Folder& folder) {
  std::filesystem::create_directories(folder / "shop");
  return folder.write("backproof.toml",
                      "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = "
                      "\"shop\"\nsource = { kind = \"directory\", path = \"shop\" }\n");
}

// Whether the process holds this signal back (proc(5), SigBlk). It is asked from its first
// instruction on: a process that is gone holds nothing.
bool holds_back(pid_t pid, int number) {
  const auto status = read_file("/proc/" + std::to_string(pid) + "/status");
  if (!status) return false;
  const std::size_t at = status->find("SigBlk:\t");
  if (at == std::string::npos) return false;
  return ((std::stoull(status->substr(at + 8, 16), nullptr, 16) >> (number - 1)) & 1U) != 0;
}

// Sends the signal as early as the program can know of it: before that, only the loader runs.
std::function<void(pid_t)> at_once(int number) {
  return [number](pid_t pid) {
    const Stopwatch watch;
    while (!holds_back(pid, number)) REQUIRE(watch.took() < std::chrono::seconds(30));
    REQUIRE(::kill(pid, number) == 0);
  };
}

std::string error_of(const Server& server, const std::string& path) {
  return sh("curl -sS --max-time 20 -w ' %{http_code}' 'http://" + server.address() + path + "'");
}

}  // namespace

TEST_CASE("500 idle connections do not stop a scrape, nor the end") {
  const Folder folder;
  Server server(configuration(folder));
  std::vector<Fd> idle;
  for (int i = 0; i < 500; ++i) idle.push_back(connected_to(server.address()));
  // Half of them sent half a request.
  for (std::size_t i = 0; i < 500; i += 2)
    REQUIRE(write_all(idle[i].get(), as_bytes("GET /metrics HTTP/1.1\r\nHo")));
  // Server::get() has a deadline of its own.
  CHECK(server.metric("backproof_runs_total{target=\"shop\"}") == 0);
  CHECK(server.get("/-/healthy").find("healthy") != std::string::npos);
  server.signal(SIGTERM);
  const Ended ended = server.wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.signal == 0);
}

TEST_CASE("where few threads are to be had the service still verifies and answers") {
  if (geteuid() != 0) return;  // the limit would count everything else that this user runs
  const Folder folder;
  std::filesystem::create_directories(folder / "few/shop");
  sh("gzip -c " + make_shop(folder).native() + " >" + (folder / "few/shop/a.gz").native());
  const Path config = folder.write("few/backproof.toml",
                                   "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\n"
                                   "name = \"shop\"\nsource = { kind = \"directory\", path = "
                                   "\"shop\", settle = \"0s\" }\n");
  sh("chmod 711 " + folder.path().native() + "; chown -R 64321 " + (folder / "few").native());
  // setpriv and prlimit become the program: signals reach it.
  const Server server(config, {}, {},
                      {"/usr/bin/setpriv", "--reuid=64321", "--regid=64321", "--clear-groups",
                       "/usr/bin/prlimit", "--nproc=60:60"});
  server.wait_for("/metrics", [&](const std::string&) {
    return server.metric("backproof_last_run_success{target=\"shop\"}") == 1;
  });
}

TEST_CASE("a SIGHUP in the first moments of the service is a reload and not its end") {
  const Folder folder;
  const Path config = configuration(folder);
  for (int i = 0; i < 5; ++i) {
    Server server(config, {}, at_once(SIGHUP));
    server.wait_for_log("configuration reloaded");
    CHECK(server.metric("backproof_config_last_reload_successful") == 1);
    server.signal(SIGTERM);
    CHECK(server.wait().exit_code == 0);
  }
}

TEST_CASE("a SIGTERM in the first moments of the service ends it in order") {
  const Folder folder;
  const Path config = configuration(folder);
  for (int i = 0; i < 5; ++i) {
    Server server(config, {}, at_once(SIGTERM));
    const Ended ended = server.wait();
    CHECK(ended.signal == 0);
    CHECK(ended.exit_code == 0);
    CHECK(server.log().find("msg=stopped") != std::string::npos);
  }
}

TEST_CASE("the metrics are served under the path that was asked for, and linked there") {
  const Folder folder;
  Server server(configuration(folder), {"--web.telemetry-path", "/internal/metrics"});
  CHECK(server.get("/internal/metrics").find("backproof_targets") != std::string::npos);
  CHECK(server.get("/").find("href=\"/internal/metrics\"") != std::string::npos);
  CHECK(error_of(server, "/metrics") == "not found\n 404");
}

TEST_CASE("a path for the metrics that cannot be theirs is a usage error") {
  const Folder folder;
  const Path config = configuration(folder);
  for (const char* path : {"", "metrics", "/", "/api/v1/runs", "/-/healthy", "/a b", "/a?b", "//a",
                           "/a/../b", "/%6d"}) {
    const Output output =
        program({"serve", "--config.file", config.native(), "--web.telemetry-path", path});
    INFO(path << output.err);
    CHECK(output.ended.exit_code == 64);
    CHECK(output.err.find("hint: ") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "state"));
}

TEST_CASE("a target that nobody knows is named in a 404, at every address that takes one") {
  const Folder folder;
  Server server(configuration(folder));
  for (const char* path : {"/api/v1/runs?target=shpo", "/api/v1/backup/verification?target=shpo"})
    CHECK(error_of(server, path) ==
          "{\"error\":\"no target \\\"shpo\\\"\",\"hint\":\"did you mean \\\"shop\\\"?\"}\n 404");
}

TEST_CASE("a sandbox that somebody left is seen on the metrics while it is there") {
  const Folder folder;
  const Path config = configuration(folder);
  Server server(config);
  CHECK(server.metric("backproof_sandboxes") == 0);
  folder.write("scratch/backproof-20261123T000000Z-00000000-1-1/file", "x");
  server.wait_for("/metrics",
                  [&](const std::string&) { return server.metric("backproof_sandboxes") == 1; });
  CHECK(server.metric("backproof_workers_busy") == 0);
}

TEST_CASE("a mistyped command and a mistyped option are answered with what was meant") {
  const auto said = [](const std::vector<std::string>& arguments) {
    const Output output = program(arguments);
    CHECK(output.ended.exit_code == 64);
    CHECK(output.out.empty());
    return output.err;
  };
  CHECK(said({"verfiy", "x.db"}) ==
        "backproof: no command \"verfiy\"; hint: did you mean \"verify\"?\n");
  CHECK(said({"--log.level", "debug", "chek-config"}).find("\"check-config\"?") !=
        std::string::npos);
  CHECK(said({"wrok"}).find("did you mean \"work\"") == std::string::npos);
  CHECK(said({"everything"}) ==
        "backproof: no command \"everything\"; hint: backproof --help lists them\n");
  CHECK(said({"verify", "--formt=json", "x"}) ==
        "backproof: no option \"--formt\"; hint: did you mean \"--format\"?\n");
  CHECK(said({"serve", "--confg.file", "x"}).find("\"--config.file\"?") != std::string::npos);
  CHECK(said({"verify", "x", "--log.levle", "debug"}).find("\"--log.level\"?") !=
        std::string::npos);
  CHECK(said({"history", "--no-such-thing"}).find("backproof history --help lists them") !=
        std::string::npos);
}
