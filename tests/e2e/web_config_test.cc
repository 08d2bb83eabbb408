// SPDX-License-Identifier: Apache-2.0
// TLS, client certificates and passwords of the real service, met with curl and with Prometheus.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "support/pki.h"
#include "support/program.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const std::string tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";
const std::string mutual =
    tls + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n";
const std::string users = "basic_auth_users:\n  prometheus: " + std::string(hash_of_secret) + "\n";

// Every route there is, and addresses that are none.
const std::vector<std::string> addresses{"/",
                                         "/metrics",
                                         "/schedule",
                                         "/targets/",
                                         "/targets/shop",
                                         "/runs/x",
                                         "/runbooks",
                                         "/runbooks/x",
                                         "/static/style.css",
                                         "/-/healthy",
                                         "/-/ready",
                                         "/api/v1/backup/verification",
                                         "/api/v1/targets",
                                         "/api/v1/runs",
                                         "/api/v1/runs/x",
                                         "/api/nothing",
                                         "/nothing"};

Path configuration(const Folder& folder) {
  std::filesystem::create_directories(folder / "shop");
  return folder.write("backproof.toml",
                      "state_dir = \"state\"\nscratch_dir = \"scratch\"\n[[target]]\nname = "
                      "\"shop\"\nsource = { kind = \"directory\", path = \"shop\" }\n");
}

// A service with this web configuration, and whoever may and may not ask it: in its folder are
// certificates of the server, of client "prom" and "other", and of "stranger" of another authority.
struct Served {
  explicit Served(const std::string& web) : ca(folder, "ca") {
    ca.sign_server("server");
    ca.sign_client("prom");
    ca.sign_client("other");
    Authority(folder, "foreign").sign_client("stranger");
    folder.write("web.yml", web);
    server = std::make_unique<Server>(
        configuration(folder),
        std::vector<std::string>{"--web.config.file", (folder / "web.yml").native()});
  }

  std::string url(const std::string& path) const {
    return "https://localhost:" + server->address().substr(server->address().find(':') + 1) + path;
  }
  // The status and body that curl gets with these options; "000" where there is no answer.
  std::string curl(const std::string& options, const std::string& path = "/-/healthy") const {
    return sh("cd " + text::quote_shell(folder.path().native()) +
              " && curl -sS --max-time 20 -w '%{http_code}' --cacert ca.pem " + options + " '" +
              url(path) + "' || true");
  }
  // Asks until curl gets what is wanted.
  void wait_for(const std::string& options, const std::string& wanted) const {
    const Stopwatch watch;
    for (std::string got; got != wanted; got = curl(options)) {
      INFO(got << "\n" << server->log());
      REQUIRE(watch.took() < std::chrono::seconds(30));
      ::poll(nullptr, 0, 20);
    }
  }

  // Calls `meanwhile` until the service has refused a change.
  void wait_until_kept(const std::function<void()>& meanwhile) const {
    const Stopwatch watch;
    while (server->log().find("the old web configuration is kept") == std::string::npos) {
      REQUIRE(watch.took() < std::chrono::seconds(30));
      meanwhile();
      ::poll(nullptr, 0, 20);
    }
  }

  const Folder folder;
  const Authority ca;
  std::unique_ptr<Server> server;
};

const std::string healthy = "backproof is healthy.\n200";
const std::string secret = "-u prometheus:secret ";
std::string as(const std::string& name) {
  return "--cert " + name + ".pem --key " + name + ".key ";
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, nothing older and no plain HTTP") {
  const Served it(tls);
  CHECK(it.curl("--tlsv1.3") == healthy);
  CHECK(it.curl("--tls-max 1.2") == healthy);
  CHECK(it.curl("--ciphers DEFAULT@SECLEVEL=0 --tls-max 1.1") == "000");
  CHECK(it.curl("-H 'Connection: close' -I", "/metrics").find("HTTP/1.1 200 OK") == 0);
  CHECK(sh("curl -s --max-time 20 -w '%{http_code}' http://" + it.server->address() +
           "/ || true") == "000");
  it.server->wait_for_log("msg=\"TLS handshake failed\" reason=\"unsupported protocol\"");
  it.server->signal(SIGTERM);
  CHECK(it.server->wait().ok());
}

TEST_CASE("the versions of TLS can be narrowed and widened while the service runs") {
  const Served it(tls + "  min_version: TLS13\n");
  CHECK(it.curl("--tls-max 1.2") == "000");
  CHECK(it.curl("") == healthy);
  it.folder.write("web.yml", tls +
                                 "  max_version: TLS12\n  curve_preferences: [CurveP384]\n"
                                 "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n");
  it.wait_for("--tlsv1.3", "000");
  CHECK(it.curl("--tls-max 1.2 --curves P-384:P-256") == healthy);
  CHECK(it.curl("--tls-max 1.2 --curves P-256") == "000");
  CHECK(it.curl("--tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256") == "000");
}

TEST_CASE("with client certificates required, only those of the authority get an answer") {
  const Served it(mutual + "  client_allowed_sans: [prom.example.org]\n");
  for (const char* version : {"--tlsv1.3 ", "--tls-max 1.2 "}) {
    CHECK(it.curl(version + as("prom")) == healthy);
    for (const std::string& path : addresses) {
      CHECK(it.curl(version, path) == "000");
      CHECK(it.curl(version + as("stranger"), path) == "000");
      CHECK(it.curl(version + as("other"), path) == "000");
      CHECK(it.curl(version + as("server"), path) == "000");
    }
  }
  it.server->wait_for_log("reason=\"peer did not return a certificate\"");
  it.folder.write("web.yml", mutual);
  it.wait_for(as("other"), healthy);
  CHECK(it.curl(as("stranger")) == "000");
  // Nor is everybody let in by a change.
  it.folder.write("web.yml", tls);
  it.wait_until_kept([&] { CHECK(it.curl("") == "000"); });
  CHECK(it.curl(as("other")) == healthy);
}

TEST_CASE("what is asked of clients changes with the next connection, in both directions") {
  const Served it(mutual + users);
  CHECK(it.curl(secret) == "000");
  it.folder.write(
      "web.yml",
      tls + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.pem\n" + users);
  it.wait_for(secret, healthy);
  CHECK(it.curl(secret + as("prom")) == healthy);
  CHECK(it.curl(secret + as("stranger")) == "000");
  it.folder.write("web.yml", tls + "  client_auth_type: RequireAnyClientCert\n" + users);
  it.wait_for(secret + as("stranger"), healthy);
  CHECK(it.curl(secret) == "000");
  it.folder.write("web.yml", tls + "  client_auth_type: RequestClientCert\n" + users);
  it.wait_for(secret, healthy);
  CHECK(it.curl(secret + as("stranger")) == healthy);
  it.folder.write("web.yml", mutual);
  it.wait_for(secret, "000");
  CHECK(it.curl(as("prom")) == healthy);
}

TEST_CASE("with users, every address asks for a password, whatever the method") {
  const Served it(users + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n");
  const auto curl = [&](const std::string& options, const std::string& path) {
    return sh("curl -s --max-time 20 -i " + options + " 'http://" + it.server->address() + path +
              "'");
  };
  for (const std::string& path : addresses)
    for (const char* who :
         {"", "-u prometheus:wrong ", "-u nobody:secret ", "-H 'Authorization: Bearer x' "})
      for (const char* method : {"", "-I", "-X DELETE", "-d x"}) {
        const std::string answer = curl(std::string(who) + method, path);
        INFO(who << method << path << "\n" << answer);
        CHECK(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
        CHECK(answer.find("WWW-Authenticate: Basic realm=\"backproof\"") != std::string::npos);
        CHECK(answer.find("X-Frame-Options: deny\r\n") != std::string::npos);
        CHECK(answer.find("shop") == std::string::npos);
      }
  CHECK(curl(secret, "/metrics").find("backproof_runs_total{target=\"shop\"} 0\n") !=
        std::string::npos);
  CHECK(curl(secret, "/nothing").starts_with("HTTP/1.1 404 "));
  CHECK(curl(secret + "-X DELETE", "/metrics").starts_with("HTTP/1.1 405 "));
  CHECK(it.server->log().find("TLS is disabled.") != std::string::npos);
}

TEST_CASE("a renewed certificate is served without a restart, and a broken one is not") {
  const Served it(tls);
  const auto serial = [&] {
    return sh("openssl s_client -connect " + it.server->address() +
              " </dev/null 2>/dev/null | openssl x509 -noout -serial");
  };
  const std::string first = serial();
  CHECK(first.starts_with("serial="));
  it.ca.sign_server("server");
  const Stopwatch watch;
  std::string second = serial();
  while (second == first) {
    REQUIRE(watch.took() < std::chrono::seconds(30));
    ::poll(nullptr, 0, 20);
    second = serial();
  }
  it.folder.write("server.pem", "not a certificate");
  it.wait_until_kept([&] { CHECK(serial() == second); });
  CHECK(serial() == second);
  CHECK(it.curl("") == healthy);
  const auto taken = [&](const char* value) {
    return it.curl("", "/metrics")
               .find(std::string("\nbackproof_web_config_last_reload_successful ") + value) !=
           std::string::npos;
  };
  CHECK(taken("0"));
  const std::string& log = it.server->log();
  CHECK(log.find("bad web configuration") == log.rfind("bad web configuration"));
  it.ca.sign_server("server");
  const Stopwatch mended;
  while (serial() == second) REQUIRE(mended.took() < std::chrono::seconds(30));
  CHECK(taken("1"));
}

// With sanitizers a handshake costs ten times as much, and five seconds are the most it may take.
#ifdef BACKPROOF_SANITIZED
constexpr int at_once = 50;
#else
constexpr int at_once = 200;
#endif

TEST_CASE("200 requests at once over TLS, with certificate and password, are all answered") {
  const Served it(mutual + users);
  const std::string most = std::to_string(at_once);
  const std::string codes = it.curl(
      "-Z --parallel-immediate --parallel-max " + most + " -o /dev/null " + secret + as("prom"),
      "/-/healthy?[1-" + most + "]");
  std::string expected;
  for (int i = 0; i < at_once; ++i) expected += "200";
  INFO(it.server->log());
  CHECK(codes == expected);
}

TEST_CASE("guesses and silent connections do not hold up who knows the password") {
  const Served it(tls + "basic_auth_users:\n  prometheus: " + hash_of_secret +
                  "\n  slow: $2b$12$abcdefghijklmnopqrstuuT1Iwu6o8Wx7BoOyIMHfgVJq6JO/IJhW\n");
  CHECK(it.curl(secret) == healthy);
  std::vector<Fd> silent;
  for (int i = 0; i < 300; ++i) silent.push_back(connected_to(it.server->address()));
  auto guesses = Child::start({{"/bin/sh", "-c",
                                "for i in $(seq 100); do curl -sk -u slow:$i '" + it.url("/") +
                                    "' -o /dev/null & done; wait"},
                               {},
                               ""});
  REQUIRE(guesses);
  pollfd ended{guesses->pidfd(), POLLIN, 0};
  for (int asked = 0; asked < 20 && ::poll(&ended, 1, 0) == 0; ++asked)
    CHECK(it.curl("--max-time 5 " + secret) == healthy);
  guesses->kill_group();
}

TEST_CASE("a bad web configuration is a usage error that names every line") {
  const Folder folder;
  const Path config = configuration(folder);
  const Path web = folder.write("web.yml", tls + "  surprise: 1\nbasic_auth_users:\n  a: b\n");
  const Output output =
      program({"serve", "--config.file", config.native(), "--web.config.file", web.native()});
  CHECK(output.ended.exit_code == 64);
  CHECK(output.err.find(web.native() + ":4: tls_server_config: unknown key \"surprise\"") !=
        std::string::npos);
  CHECK(output.err.find(web.native() + ":6: basic_auth_users: a: the password is no bcrypt hash") !=
        std::string::npos);
  CHECK_FALSE(std::filesystem::exists(folder / "state"));
  const Output checked = program({"check-config", "--web.config.file", web.native()});
  CHECK(checked.ended.exit_code == 64);
  CHECK(checked.err == output.err.substr(0, checked.err.size()));
  const Path good = folder.write("good.yml", users);
  CHECK(program({"check-config", config.native(), "--web.config.file", good.native()})
            .out.find("good.yml: ok, no TLS, only with credentials") != std::string::npos);
}

TEST_CASE(
    "a program without the libraries of TLS serves without, and says what is missing with it") {
  const Folder folder;
  Authority(folder, "ca").sign_server("server");
  const Path copy = folder / "backproof";
  std::filesystem::copy_file(BACKPROOF_PROGRAM, copy);
  const Path config = configuration(folder);
  const Path web = folder.write("web.yml", tls);
  const auto output = run({{copy.native(), "serve", "--config.file", config.native(),
                            "--web.config.file", web.native()},
                           {},
                           ""},
                          std::chrono::minutes(1));
  REQUIRE(output);
  CHECK(output->ended.exit_code == 64);
  CHECK(output->err.find("TLS needs libcrypto.so of backproof, which is neither in ") !=
        std::string::npos);
  auto plain = Child::start({{copy.native(), "serve", "--config.file", config.native(),
                              "--web.listen-address", "127.0.0.1:0"},
                             {},
                             ""});
  REQUIRE(plain);
  std::string log;
  const Stopwatch watch;
  while (log.find("Listening on") == std::string::npos) {
    REQUIRE(watch.took() < std::chrono::seconds(30));
    pollfd fd{plain->err(), POLLIN, 0};
    std::array<char, 4096> buffer{};
    if (::poll(&fd, 1, 1000) <= 0) continue;
    const ssize_t n = ::read(plain->err(), buffer.data(), buffer.size());
    if (n > 0) log.append(buffer.data(), static_cast<std::size_t>(n));
  }
  plain->kill_group();
}
