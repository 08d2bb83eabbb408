// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "model/options.h"

namespace backproof::web {

// What a client must show to be let in (Go's crypto/tls, ClientAuthType). Optional certificates
// that nobody verifies open and close nothing; they are for those who move to required ones.
enum class ClientAuth { none, request, require_any, verify_if_given, require_and_verify };

enum class TlsVersion { tls12, tls13 };

// PEM text, or the file that it is in: one of both, or neither.
struct Pem {
  std::string key;  // how the web configuration calls it, for problems: "cert_file"
  int line = 0;
  std::string text;
  Path file;

  bool is_given() const { return !text.empty() || !file.empty(); }
};

struct TlsSettings {
  Pem cert, key, client_ca;
  ClientAuth client_auth = ClientAuth::none;
  std::vector<std::string> allowed_sans;  // empty: no limit
  TlsVersion min_version = TlsVersion::tls12, max_version = TlsVersion::tls13;
  std::vector<std::string> ciphers;  // of TLS 1.2, by their IANA names; empty: OpenSSL's
  std::vector<std::string> curves;   // by OpenSSL's names; empty: OpenSSL's
  bool prefer_server_ciphers = true;
  int line = 0;

  bool demands_certificate() const {
    return client_auth == ClientAuth::require_any || client_auth == ClientAuth::require_and_verify;
  }
};

// Name to bcrypt hash.
using Users = std::map<std::string, std::string, std::less<>>;

// The web configuration of Prometheus' exporters (exporter-toolkit, docs/web-configuration.md).
struct WebConfig {
  std::optional<TlsSettings> tls;
  std::vector<std::pair<std::string, std::string>> headers;  // for every answer
  Users users;                                               // empty: no passwords
};

// Reads YAML text without touching the disk; relative paths are relative to the folder of `file`.
// Everything that is wrong, unknown, or beyond us is a problem with its key and line; the result is
// worth using only when there is none. No problem holds a hash or a key.
WebConfig parse_web_config(std::string_view yaml, const Path& file, Problems& problems);

}  // namespace backproof::web
