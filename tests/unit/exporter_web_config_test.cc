// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/config.h"

#include "base/text.h"
#include "exporter/config.h"
#include "support/pki.h"

using namespace backproof;
using namespace backproof::test;
using namespace backproof::web;

namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// All problems, one a line, as they are printed of a file w.yml.
std::string problems_of(const std::string& yaml) {
  Problems problems;
  parse_web_config(yaml, "/etc/backproof/w.yml", problems);
  std::string all;
  for (const Problem& problem : problems) all += problem_text("w.yml", problem) + "\n";
  return all;
}

WebConfig good(const std::string& yaml) {
  Problems problems;
  WebConfig config = parse_web_config(yaml, "/etc/backproof/w.yml", problems);
  INFO(problems_of(yaml));
  REQUIRE(problems.empty());
  return config;
}

// Of a file whose TLS is fine but for these lines, which begin in line 4.
std::string tls_problems(const std::string& lines) {
  return problems_of("tls_server_config:\n  cert_file: c\n  key_file: k\n" + lines);
}

}  // namespace

TEST_CASE("a whole web configuration is read, its paths relative to its file") {
  const WebConfig config = good(
      "tls_server_config:\n  cert_file: server.pem\n  key_file: /keys/server.key\n"
      "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ../ca.pem\n"
      "  client_allowed_sans: [a.example.org, 10.0.0.1]\n  min_version: TLS13\n  max_version: "
      "TLS13\n"
      "  curve_preferences: [X25519, CurveP256]\n  cipher_suites: [TLS_A]\n"
      "  prefer_server_cipher_suites: false\n"
      "http_server_config:\n  http2: false\n  headers:\n    X-Frame-Options: deny\n"
      "    Strict-Transport-Security: \"max-age=1; includeSubDomains\"\n"
      "basic_auth_users:\n  prometheus: " +
      std::string(hash_of_secret) + "\n  123: '" + hash_of_secret + "'\n");
  REQUIRE(config.tls);
  CHECK(config.tls->cert.file == "/etc/backproof/server.pem");
  CHECK(config.tls->key.file == "/keys/server.key");
  CHECK(config.tls->client_ca.file == "/etc/backproof/../ca.pem");
  CHECK(config.tls->client_auth == ClientAuth::require_and_verify);
  CHECK(config.tls->allowed_sans == std::vector<std::string>{"a.example.org", "10.0.0.1"});
  CHECK(config.tls->min_version == TlsVersion::tls13);
  CHECK(config.tls->curves == std::vector<std::string>{"X25519", "P-256"});
  CHECK_FALSE(config.tls->prefer_server_ciphers);
  CHECK(config.headers == std::vector<std::pair<std::string, std::string>>{
                              {"X-Frame-Options", "deny"},
                              {"Strict-Transport-Security", "max-age=1; includeSubDomains"}});
  CHECK(config.users == Users{{"prometheus", hash_of_secret}, {"123", hash_of_secret}});
}

TEST_CASE("an empty web configuration is one, and PEM may stand in it") {
  for (const char* yaml : {"", "# nothing\n", "---\n", "{}"}) {
    const WebConfig config = good(yaml);
    CHECK_FALSE(config.tls);
    CHECK(config.users.empty());
  }
  const WebConfig config = good("tls_server_config:\n  cert: |\n    -----BEGIN\n    x\n  key: k\n");
  CHECK(config.tls->cert.text == "-----BEGIN\nx\n");
  CHECK(config.tls->cert.file.empty());
  CHECK(config.tls->min_version == TlsVersion::tls12);
  CHECK(config.tls->client_auth == ClientAuth::none);
}

TEST_CASE("unknown and repeated keys are named with their line and what was meant") {
  CHECK(problems_of("tls_server_confg:\n  a: b\n") ==
        "w.yml:1: unknown key \"tls_server_confg\"; hint: did you mean \"tls_server_config\"?\n");
  CHECK(
      problems_of("surprise: 1\n") ==
      "w.yml:1: unknown key \"surprise\"; hint: known keys: tls_server_config, http_server_config, "
      "basic_auth_users, rate_limit\n");
  CHECK(tls_problems("  client_auth: x\n")
            .starts_with("w.yml:4: tls_server_config: unknown key \"client_auth\""));
  CHECK(problems_of("http_server_config:\n  headers:\n    X-Other: a\n")
            .starts_with("w.yml:3: http_server_config: headers: unknown key \"X-Other\""));
  CHECK(tls_problems("  cert_file: d\n") ==
        "w.yml:4: tls_server_config: cert_file: occurs twice; hint: keep one of both\n");
  CHECK(problems_of("basic_auth_users: {}\nbasic_auth_users: {}\n") ==
        "w.yml:2: basic_auth_users: occurs twice; hint: keep one of both\n");
}

TEST_CASE("what cannot be done is an error, not a silence") {
  CHECK(problems_of("rate_limit:\n  burst: 5\n") ==
        "w.yml:1: rate_limit: requests are not limited by rate; hint: remove it\n");
  CHECK(problems_of("http_server_config:\n  http2: true\n") ==
        "w.yml:2: http_server_config: http2: HTTP/2 is not spoken; hint: set it to false or remove "
        "it\n");
  CHECK(tls_problems("  min_version: TLS11\n") ==
        "w.yml:4: tls_server_config: min_version: \"TLS11\" is none of TLS12, TLS13; hint: TLS 1.2 "
        "is "
        "the oldest that is spoken\n");
  CHECK(has(tls_problems("  curve_preferences: [P-256]\n"), "\"P-256\" is no curve that we know"));
}

TEST_CASE("wrong kinds and missing values are named") {
  CHECK(problems_of("tls_server_config: x\n") ==
        "w.yml:1: tls_server_config: expected keys with values; hint: write \"key: value\" lines, "
        "indented\n");
  CHECK(problems_of("- a\n").starts_with("w.yml:1: expected keys with values"));
  CHECK(problems_of("basic_auth_users:\n").starts_with("w.yml:1: basic_auth_users: expected keys"));
  CHECK(tls_problems("  client_ca_file:\n") ==
        "w.yml:4: tls_server_config: client_ca_file: has no value; hint: give it one or remove the "
        "line\n");
  CHECK(has(tls_problems("  client_ca_file: [a]\n"), "client_ca_file: expected one value"));
  CHECK(
      has(tls_problems("  client_ca_file: !!binary aGk=\n"), "client_ca_file: expected one value"));
  CHECK(has(tls_problems("  cipher_suites: TLS_A\n"), "cipher_suites: expected a list"));
  CHECK(has(tls_problems("  cipher_suites: []\n"), "cipher_suites: the list is empty"));
  CHECK(has(tls_problems("  prefer_server_cipher_suites: 1\n"), "expected true or false"));
  CHECK(has(problems_of("? [a]\n: b\n"), "a key that is no text"));
}

TEST_CASE("YAML that is none, or more than one document, is an error with its line") {
  CHECK(problems_of("a: [\n").starts_with("w.yml:2: syntax error in column 1: "));
  CHECK(problems_of("tls_server_config:\n\tcert_file: a\n").starts_with("w.yml:2: syntax error"));
  CHECK(has(problems_of("{}\n---\n{}\n"), "a second YAML document"));
}

TEST_CASE("TLS needs its files, and client certificates fit together") {
  CHECK(problems_of("tls_server_config:\n  client_auth_type: NoClientCert\n") ==
        "w.yml:1: tls_server_config: missing key \"cert_file\"; hint: TLS needs both cert_file and "
        "key_file\n"
        "w.yml:1: tls_server_config: missing key \"key_file\"; hint: TLS needs both cert_file and "
        "key_file\n");
  CHECK(has(tls_problems("  cert: x\n"),
            "w.yml:4: tls_server_config: cert: is given beside cert_file"));
  CHECK(has(tls_problems("  client_auth_type: RequireAndVerifyClientCerts\n"),
            "did you mean \"RequireAndVerifyClientCert\"?"));
  // One mistake is one problem.
  CHECK_FALSE(has(tls_problems("  client_ca_file: ca\n  client_auth_type: require\n"),
                  "no client is asked"));
  for (const char* verifies : {"RequireAndVerifyClientCert", "VerifyClientCertIfGiven"})
    CHECK(has(tls_problems("  client_auth_type: " + std::string(verifies) + "\n"),
              "but there is no client_ca_file"));
  CHECK(has(tls_problems("  client_ca_file: ca\n"),
            "client_ca_file is given, but no client is asked for a certificate"));
  for (const char* optional : {"NoClientCert", "RequestClientCert"})
    CHECK(has(
        tls_problems("  client_allowed_sans: [a]\n  client_auth_type: " + std::string(optional) +
                     "\n"),
        "w.yml:4: tls_server_config: client_allowed_sans: needs a client_auth_type that demands"));
  CHECK(has(tls_problems("  min_version: TLS13\n  max_version: TLS12\n"), "min_version is above"));
  for (const char* any : {"RequireAnyClientCert", "RequireClientCert"})
    CHECK(tls_problems("  client_auth_type: " + std::string(any) + "\n  client_ca_file: ca\n")
              .empty());
  CHECK(tls_problems("  client_auth_type: RequestClientCert\n  client_ca_file: ca\n").empty());
}

TEST_CASE("headers have the values that browsers know, on one line") {
  const auto header = [](const std::string& line) {
    return problems_of("http_server_config:\n  headers:\n    " + line + "\n");
  };
  CHECK(header("X-Frame-Options: allow") ==
        "w.yml:3: http_server_config: headers: X-Frame-Options: \"allow\" is none of deny, "
        "sameorigin\n");
  CHECK(has(header("X-Content-Type-Options: sniff"), "is none of nosniff"));
  CHECK(has(header("Content-Security-Policy: \"a\\r\\nSet-Cookie: b\""), "cannot hold a control"));
  CHECK(has(header("X-XSS-Protection: \"\""), "has no value"));
  CHECK(header("X-XSS-Protection: 0").empty());
}

TEST_CASE("passwords are bcrypt hashes of a bearable cost, and never printed") {
  const std::string hash = hash_of_secret;
  const auto user = [](const std::string& name, const std::string& value) {
    return problems_of("basic_auth_users:\n  " + name + ": " + value + "\n");
  };
  for (const char kind : {'a', 'b', 'y'})
    CHECK(user("a", "$2" + std::string(1, kind) + hash.substr(3)).empty());
  for (const std::string& bad :
       {std::string("secret"), "$2x" + hash.substr(3), hash.substr(0, 59), hash + "x",
        "$2b$03" + hash.substr(6), "$2b$xx" + hash.substr(6), hash.substr(0, 59) + "!"}) {
    const std::string problem = user("a", "'" + bad + "'");
    CHECK(problem ==
          "w.yml:2: basic_auth_users: a: the password is no bcrypt hash; hint: make one with: "
          "htpasswd -nBC 10 NAME\n");
  }
  CHECK(has(user("a", "$2b$15" + hash.substr(6)), "a cost above 14"));
  for (const char* name : {"\"\"", "'a:b'", "\"a\\nb\""})
    CHECK(has(user(name, hash), "is a name that no client can send"));
}

TEST_CASE("promtool and we accept the example of a web configuration") {
  const Folder folder;
  const auto example = read_file(Path(BACKPROOF_SOURCE_DIR) / "exporter/web-config.example.yml");
  REQUIRE(example);
  const Path file = folder.write("web.yml", *example);
  const Authority clients(folder, "clients-ca");
  clients.sign_server("server");
  CHECK(has(sh("promtool check web-config " + file.native() + " 2>&1"), "SUCCESS"));
  const WebConfig config = good(*example);
  CHECK(config.tls->demands_certificate());
  CHECK(config.users.contains("prometheus"));
}
