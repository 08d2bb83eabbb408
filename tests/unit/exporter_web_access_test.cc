// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/access.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "exporter/config.h"
#include "support/pki.h"

using namespace backproof;
using namespace backproof::test;
using namespace backproof::web;

namespace {

const std::string users = "basic_auth_users:\n  prometheus: " + std::string(hash_of_secret) + "\n";
const std::string tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n";

std::unique_ptr<WebAccess> opened(const Path& file, const Clock& clock = system_clock()) {
  Problems problems;
  auto access = WebAccess::open(file, problems, clock);
  for (const Problem& problem : problems) UNSCOPED_INFO(problem_text(file, problem));
  REQUIRE(access);
  return access;
}

std::string problems_of(const Path& file) {
  Problems problems;
  CHECK_FALSE(WebAccess::open(file, problems));
  std::string all;
  for (const Problem& problem : problems) all += problem_text("w.yml", problem) + "\n";
  return all;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Request get(const std::string& path, const std::string& authorization = "") {
  return {"GET", path, "", "", "", authorization};
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

Response ok(const Request&) {
  return {200, "text/plain", "ok\n", {{"x-frame-options", "ours"}, {"Vary", "Accept"}}};
}

// A clock that stands at the machine's time: what was just written is not settled yet.
FakeClock clock_now() {
  return FakeClock(system_clock().now());
}

}  // namespace

TEST_CASE("without a right password nothing behind the guard is asked, whatever it is") {
  const Folder folder;
  const auto access = opened(folder.write("w.yml", users));
  CHECK(access->asks_for_credentials());
  int asked = 0;
  const Handler guarded = access->guard([&](const Request&) {
    ++asked;
    return Response{404, "text/plain", "not found\n", {}};
  });
  for (const char* path : {"/", "/metrics", "/-/healthy", "/api/v1/runs", "/nothing"})
    for (const char* method : {"GET", "HEAD", "POST", "DELETE", "OPTIONS"})
      for (const char* shown : {"", "Basic", "Bearer x", "Basic cHJvbWV0aGV1czp3cm9uZw=="}) {
        const Response response = guarded({method, path, "", "", "", shown});
        CHECK(response.status == 401);
        CHECK(header_of(response, "WWW-Authenticate") ==
              "Basic realm=\"backproof\", charset=\"UTF-8\"");
        CHECK_FALSE(has(response.body, "not found"));
      }
  CHECK(asked == 0);
  CHECK(guarded(get("/api/x")).body ==
        "{\"error\":\"a name and a password are needed\",\"hint\":null}\n");
  CHECK(guarded(get("/", header_of_secret)).status == 404);
  CHECK(asked == 1);
}

TEST_CASE("configured headers are on every answer, in the place of ours") {
  const Folder folder;
  const auto access = opened(folder.write(
      "w.yml", users + "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"));
  const Handler guarded = access->guard(ok);
  CHECK(header_of(guarded(get("/")), "X-Frame-Options") == "deny");
  const Response response = guarded(get("/", header_of_secret));
  CHECK(response.headers == std::vector<std::pair<std::string, std::string>>{
                                {"Vary", "Accept"}, {"X-Frame-Options", "deny"}});
}

TEST_CASE("a change is in force once it was left alone for a second") {
  const Folder folder;
  FakeClock clock = clock_now();
  const Path file = folder.write("w.yml", users);
  const auto access = opened(file, clock);
  const Handler guarded = access->guard(ok);
  CHECK(guarded(get("/", header_of_secret)).status == 200);
  // As when an editor has written the first half.
  folder.write("w.yml", "http_server_config:\n");
  clock.set(system_clock().now());
  CHECK(guarded(get("/")).status == 401);
  folder.write("w.yml", "basic_auth_users:\n  other: " + std::string(hash_of_secret) + "\n");
  clock.set(system_clock().now());
  CHECK(guarded(get("/", header_of_secret)).status == 200);
  clock.advance(std::chrono::seconds(2));
  CHECK(guarded(get("/", header_of_secret)).status == 401);
  CHECK(guarded(get("/", "Basic b3RoZXI6c2VjcmV0")).status == 200);
  CHECK(access->state().was_taken);
  CHECK(access->state().loaded == clock.now());
}

TEST_CASE("a file of the future is taken when it stays the same for a second") {
  const Folder folder;
  FakeClock clock(at("2020-01-01T00:00:00Z"));
  const auto access = opened(folder.write("w.yml", ""), clock);
  const Handler guarded = access->guard(ok);
  folder.write("w.yml", users);
  CHECK(guarded(get("/")).status == 200);
  clock.advance(std::chrono::milliseconds(999));
  CHECK(guarded(get("/")).status == 200);
  clock.advance(std::chrono::milliseconds(1));
  CHECK(guarded(get("/")).status == 401);
}

TEST_CASE("a bad change, and one that opens the door, leave the old configuration in force") {
  const Folder folder;
  FakeClock clock = clock_now();
  const Path file = folder.write("w.yml", users);
  const auto access = opened(file, clock);
  const Handler guarded = access->guard(ok);
  const TimePoint first = access->state().loaded;
  for (const std::string& bad : {std::string("surprise: 1\n"), std::string(), users + tls}) {
    folder.write("w.yml", bad);
    clock.set(system_clock().now() + std::chrono::seconds(2));
    CHECK(guarded(get("/")).status == 401);
    CHECK(guarded(get("/", header_of_secret)).status == 200);
    CHECK_FALSE(access->state().was_taken);
    CHECK(access->state().loaded == first);
  }
  std::filesystem::remove(file);
  CHECK(guarded(get("/")).status == 401);
  clock.advance(std::chrono::seconds(2));
  CHECK(guarded(get("/")).status == 401);
  folder.write("w.yml", users);
  clock.set(system_clock().now() + std::chrono::seconds(9));
  CHECK(guarded(get("/")).status == 401);
  CHECK(access->state().was_taken);
}

TEST_CASE("certificates that cannot be used are named with key and line") {
  const Folder folder;
  const auto with = [&](const std::string& more) {
    return problems_of(folder.write("w.yml", tls + more));
  };
  CHECK(has(with(""), "w.yml:2: tls_server_config: cert_file: "));
  const Authority authority(folder, "ca");
  authority.sign_server("server");
  authority.sign_server("other");
  CHECK(opened(folder.write("w.yml", tls))->tls() != nullptr);
  CHECK(has(with("  client_ca_file: server.key\n  client_auth_type: RequireAndVerifyClientCert\n"),
            "w.yml:4: tls_server_config: client_ca_file: holds no certificate"));
  CHECK(has(with("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n"),
            "no cipher suite that can be chosen"));
  for (const char* old : {"TLS_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA256"})
    CHECK(has(with("  cipher_suites: [" + std::string(old) + "]\n"), "no cipher suite that can"));
  CHECK(has(with("  cipher_suites: [TLS_X]\n"), "cipher_suites: \"TLS_X\" is no cipher suite"));
  opened(
      folder.write("w.yml", tls + "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n"));
  const auto key = [&](const std::string& name) {
    return problems_of(folder.write(
        "w.yml", "tls_server_config:\n  cert_file: server.pem\n  key_file: " + name + "\n"));
  };
  CHECK(has(key("other.key"),
            "w.yml:3: tls_server_config: key_file: the key is not that of the certificate"));
  CHECK(has(key("server.pem"), "key_file: holds no private key that can be read"));
  sh("openssl pkey -aes256 -passout pass:x -in " + (folder / "server.key").native() + " -out " +
     (folder / "locked.key").native());
  CHECK(has(key("locked.key"), "it must be PEM, without a passphrase"));
}

TEST_CASE("PEM in the web configuration itself serves as well") {
  const Folder folder;
  Authority(folder, "ca").sign_server("server");
  const auto indented = [&](const std::string& name) {
    return sh("sed 's/^/    /' " + (folder / name).native());
  };
  const auto access =
      opened(folder.write("w.yml", "tls_server_config:\n  cert: |\n" + indented("server.pem") +
                                       "  key: |\n" + indented("server.key")));
  CHECK(access->tls() != nullptr);
  CHECK_FALSE(access->asks_for_credentials());
}

TEST_CASE("only an address beyond this machine without TLS or credentials is worth a warning") {
  const Folder folder;
  Authority(folder, "ca").sign_server("server");
  const ListenAddress here{"127.0.0.1", 1}, everywhere{"0.0.0.0", 1};
  CHECK(exposure(here, nullptr).empty());
  CHECK(has(exposure(everywhere, nullptr), "neither TLS nor a password"));
  const auto only_users = opened(folder.write("w.yml", users));
  CHECK(exposure(here, only_users.get()).empty());
  CHECK(has(exposure(everywhere, only_users.get()), "without TLS"));
  const auto only_tls = opened(folder.write("w.yml", tls));
  CHECK(has(exposure(everywhere, only_tls.get()), "nobody is asked for a password"));
  CHECK(exposure(everywhere, opened(folder.write("w.yml", tls + users)).get()).empty());
  const std::string mutual =
      "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n";
  CHECK(exposure(everywhere, opened(folder.write("w.yml", tls + mutual)).get()).empty());
}
