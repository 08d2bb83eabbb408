// SPDX-License-Identifier: Apache-2.0
// Prometheus scrapes the real service over mutual TLS, with a password.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "support/pki.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Debian's Prometheus on a free port of loopback, with its data in the folder of the test.
class Prometheus {
 public:
  Prometheus(const Folder& folder, const std::string& scrape_config) {
    const Path config = folder.write(
        "prometheus.yml",
        "global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" + scrape_config);
    auto child = Child::start(
        {{"/usr/bin/prometheus", "--config.file=" + config.native(),
          "--storage.tsdb.path=" + (folder / "tsdb").native(), "--web.listen-address=127.0.0.1:0"},
         {},
         ""});
    REQUIRE(child);
    child_ = std::make_unique<Child>(std::move(*child));
    const Stopwatch watch;
    const std::string before = "msg=\"Listening on\" address=";
    std::string log;
    while (log.find(before) == std::string::npos ||
           log.find('\n', log.find(before)) == std::string::npos) {
      INFO(log);
      REQUIRE(watch.took() < std::chrono::seconds(60));
      pollfd fd{child_->err(), POLLIN, 0};
      std::array<char, 4096> buffer{};
      if (::poll(&fd, 1, 1000) <= 0) continue;
      const ssize_t n = ::read(fd.fd, buffer.data(), buffer.size());
      REQUIRE(n > 0);
      log.append(buffer.data(), static_cast<std::size_t>(n));
    }
    const std::size_t at = log.find(before) + before.size();
    address_ = log.substr(at, log.find_first_of(" \n", at) - at);
  }

  // Its one target, as soon as it is in this state of health ("up", "down").
  nlohmann::json target_when(const std::string& health) const {
    const Stopwatch watch;
    while (true) {
      const std::string answer =
          sh("curl -s --max-time 10 http://" + address_ + "/api/v1/targets || true");
      INFO(answer);
      REQUIRE(watch.took() < std::chrono::seconds(60));
      const auto json = nlohmann::json::parse(answer, nullptr, false);
      if (json.is_object() && json["status"] == "success")
        for (const auto& target : json["data"]["activeTargets"])
          if (target["health"] == health) return target;
      ::poll(nullptr, 0, 50);
    }
  }

  std::string value_of(const std::string& expression) const {
    const auto json =
        nlohmann::json::parse(sh("curl -s --max-time 10 -G --data-urlencode 'query=" + expression +
                                 "' http://" + address_ + "/api/v1/query"));
    const auto& result = json["data"]["result"];
    return result.empty() ? "" : result[0]["value"][1].get<std::string>();
  }

 private:
  std::unique_ptr<Child> child_;
  std::string address_;
};

// As the README shows it.
std::string scrape_config(const std::string& address, const std::string& password) {
  return "  - job_name: backproof\n    scheme: https\n    tls_config:\n      ca_file: ca.pem\n     "
         " cert_file: "
         "prometheus.pem\n      key_file: prometheus.key\n    basic_auth:\n      username: "
         "prometheus\n      password: " +
         password + "\n    static_configs:\n      - targets: [\"" + address + "\"]\n";
}

}  // namespace

TEST_CASE("Prometheus scrapes over mutual TLS with a password, and not with a wrong one") {
  const Folder folder;
  const Authority ca(folder, "ca");
  ca.sign_server("server");
  ca.sign_client("prometheus");
  const Path web = folder.write(
      "web.yml",
      "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n  client_auth_type: "
      "RequireAndVerifyClientCert\n  client_ca_file: ca.pem\nbasic_auth_users:\n  prometheus: " +
          std::string(hash_of_secret) + "\n");
  std::filesystem::create_directories(folder / "shop");
  const Server server(
      folder.write("backproof.toml",
                   "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = "
                   "\"shop\"\nsource = { kind = \"directory\", path = \"shop\" }\n"),
      {"--web.config.file", web.native()});
  {
    const Prometheus prometheus(folder, scrape_config(server.address(), "secret"));
    CHECK(prometheus.target_when("up")["lastError"] == "");
    CHECK(prometheus.value_of("up{job=\"backproof\"}") == "1");
    CHECK(prometheus.value_of("backproof_target_enabled{target=\"shop\"}") == "1");
  }
  std::filesystem::remove_all(folder / "tsdb");
  const Prometheus refused(folder, scrape_config(server.address(), "wrong"));
  CHECK(refused.target_when("down")["lastError"] == "server returned HTTP status 401 Unauthorized");
}
