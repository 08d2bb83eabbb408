// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/config.h"

#include <algorithm>

#include "base/text.h"
#include "exporter/web/yaml.h"

namespace backproof::web {
namespace {

bool has_control(std::string_view s) {
  return std::ranges::any_of(
      s, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// Names as in the file, with what they mean.
template <typename T>
using Names = std::vector<std::pair<std::string, T>>;

template <typename T>
std::optional<T> named(YamlReader& reader, const YamlEntry& entry, const Names<T>& names,
                       std::string_view hint = "") {
  const auto text = reader.text(entry);
  if (!text) return std::nullopt;
  std::vector<std::string> known;
  for (const auto& [name, value] : names) {
    if (name == *text) return value;
    known.push_back(name);
  }
  const std::string near = text::nearest(*text, known);
  reader.problem(entry,
                 "\"" + text::printable(*text, 80) + "\" is none of " + text::join(known, ", "),
                 !hint.empty()  ? std::string(hint)
                 : near.empty() ? ""
                                : "did you mean \"" + near + "\"?");
  return std::nullopt;
}

class TlsReader {
 public:
  TlsReader(YamlReader& reader, const Path& folder) : reader_(reader), folder_(folder) {}

  TlsSettings read(const YamlEntry& section) {
    tls_.line = section.line;
    const bool is_section = reader_.mapping(
        section, {{"cert", pem(tls_.cert, false)},
                  {"cert_file", pem(tls_.cert, true)},
                  {"key", pem(tls_.key, false)},
                  {"key_file", pem(tls_.key, true)},
                  {"client_ca", pem(tls_.client_ca, false)},
                  {"client_ca_file", pem(tls_.client_ca, true)},
                  {"client_auth_type", [this](const auto& e) { client_auth(e); }},
                  {"client_allowed_sans", [this](const auto& e) { sans(e); }},
                  {"min_version", [this](const auto& e) { version(e, tls_.min_version); }},
                  {"max_version", [this](const auto& e) { version(e, tls_.max_version); }},
                  {"cipher_suites", [this](const auto& e) { tls_.ciphers = some(e); }},
                  {"curve_preferences", [this](const auto& e) { curves(e); }},
                  {"prefer_server_cipher_suites", [this](const auto& e) {
                     if (const auto b = reader_.boolean(e)) tls_.prefer_server_ciphers = *b;
                   }}});
    if (is_section) check(section);
    return std::move(tls_);
  }

 private:
  YamlReader::Setter pem(Pem& into, bool is_file) {
    return [this, &into, is_file](const YamlEntry& entry) {
      const auto text = reader_.text(entry);
      if (!text) return;
      if (into.is_given()) {
        reader_.problem(entry, "is given beside " + into.key, "keep one of both");
        return;
      }
      into.key = entry.key;
      into.line = entry.line;
      if (is_file)
        into.file = folder_ / *text;
      else
        into.text = *text;
    };
  }

  void client_auth(const YamlEntry& entry) {
    static const Names<ClientAuth> names{
        {"NoClientCert", ClientAuth::none},
        {"RequestClientCert", ClientAuth::request},
        {"RequireAnyClientCert", ClientAuth::require_any},
        {"RequireClientCert", ClientAuth::require_any},  // its older name
        {"VerifyClientCertIfGiven", ClientAuth::verify_if_given},
        {"RequireAndVerifyClientCert", ClientAuth::require_and_verify},
    };
    const auto known = named(reader_, entry, names);
    tls_.client_auth = known.value_or(ClientAuth::none);
    is_auth_unknown_ = !known;
  }

  void version(const YamlEntry& entry, TlsVersion& into) {
    static const Names<TlsVersion> names{{"TLS12", TlsVersion::tls12},
                                         {"TLS13", TlsVersion::tls13}};
    into = named(reader_, entry, names, "TLS 1.2 is the oldest that is spoken").value_or(into);
  }

  // An empty list would mean "none at all" or "any", depending on who reads it.
  std::vector<std::string> some(const YamlEntry& entry) {
    auto list = reader_.texts(entry);
    if (list && list->empty()) reader_.problem(entry, "the list is empty", "remove it or fill it");
    return list.value_or(std::vector<std::string>{});
  }

  void sans(const YamlEntry& entry) {
    tls_.allowed_sans = some(entry);
    sans_ = entry;
  }

  void curves(const YamlEntry& entry) {
    static const std::map<std::string, std::string, std::less<>> names{{"CurveP256", "P-256"},
                                                                       {"CurveP384", "P-384"},
                                                                       {"CurveP521", "P-521"},
                                                                       {"X25519", "X25519"}};
    for (const std::string& name : some(entry)) {
      const auto found = names.find(name);
      if (found != names.end())
        tls_.curves.push_back(found->second);
      else
        reader_.problem(entry, "\"" + text::printable(name, 80) + "\" is no curve that we know",
                        "known are CurveP256, CurveP384, CurveP521, X25519");
    }
  }

  void check(const YamlEntry& section) {
    const auto missing = [&](const Pem& pem, const std::string& key) {
      if (!pem.is_given())
        reader_.problem(section, "missing key \"" + key + "\"",
                        "TLS needs both cert_file and key_file");
    };
    missing(tls_.cert, "cert_file");
    missing(tls_.key, "key_file");
    if (tls_.min_version > tls_.max_version)
      reader_.problem(section, "min_version is above max_version");
    const bool verifies = tls_.client_auth == ClientAuth::verify_if_given ||
                          tls_.client_auth == ClientAuth::require_and_verify;
    // Go would take every authority that the machine trusts, which is every web site's.
    if (verifies && !tls_.client_ca.is_given())
      reader_.problem(section,
                      "client_auth_type verifies certificates, but there is no client_ca_file",
                      "name the file with the authorities that may vouch for clients");
    if (is_auth_unknown_) return;
    if (tls_.client_ca.is_given() && tls_.client_auth == ClientAuth::none)
      reader_.problem(section,
                      tls_.client_ca.key + " is given, but no client is asked for a certificate",
                      "add client_auth_type: RequireAndVerifyClientCert");
    if (sans_ && !tls_.demands_certificate())
      reader_.problem(*sans_, "needs a client_auth_type that demands a certificate",
                      "RequireAndVerifyClientCert does");
  }

  YamlReader& reader_;
  const Path& folder_;
  TlsSettings tls_;
  std::optional<YamlEntry> sans_;
  bool is_auth_unknown_ = false;
};

// The headers that exporter-toolkit allows, with their values where those are a closed list.
const std::vector<std::pair<std::string, std::vector<std::string>>>& allowed_headers() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> headers{
      {"Content-Security-Policy", {}},
      {"Strict-Transport-Security", {}},
      {"X-Content-Type-Options", {"nosniff"}},
      {"X-Frame-Options", {"deny", "sameorigin"}},
      {"X-XSS-Protection", {}},
  };
  return headers;
}

void read_header(YamlReader& reader, const YamlEntry& entry, const std::vector<std::string>& values,
                 WebConfig& config) {
  const auto value = reader.text(entry);
  if (!value) return;
  if (!values.empty() && std::ranges::find(values, *value) == values.end())
    reader.problem(
        entry, "\"" + text::printable(*value, 80) + "\" is none of " + text::join(values, ", "));
  else if (has_control(*value))
    reader.problem(entry, "a header cannot hold a control character", "write it on one line");
  else
    config.headers.emplace_back(entry.key, *value);
}

void read_http(YamlReader& reader, const YamlEntry& section, WebConfig& config) {
  YamlReader::Setters headers;
  for (const auto& [name, values] : allowed_headers())
    headers.emplace_back(name, [&, &values = values](const YamlEntry& entry) {
      read_header(reader, entry, values, config);
    });
  reader.mapping(
      section, {{"http2",
                 [&](const YamlEntry& entry) {
                   if (reader.boolean(entry).value_or(false))
                     reader.problem(entry, "HTTP/2 is not spoken", "set it to false or remove it");
                 }},
                {"headers", [&](const YamlEntry& entry) { reader.mapping(entry, headers); }}});
}

// Above this, one check takes more than a second, and a guesser holds everybody up.
constexpr int dearest_cost = 14;

// "$2y$10$" and 53 characters of salt and hash (crypt(5)).
std::string_view fault_of_hash(std::string_view hash) {
  const bool has_form = hash.size() == 60 && hash.starts_with("$2") &&
                        std::string_view("aby").find(hash[2]) != std::string_view::npos &&
                        hash[3] == '$' && hash[6] == '$';
  const auto cost = has_form ? text::parse_count(hash.substr(4, 2)) : std::nullopt;
  if (!cost || *cost < 4 || !std::ranges::all_of(hash.substr(7), [](char c) {
        return (c >= '.' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      }))
    return "the password is no bcrypt hash";
  return *cost > dearest_cost ? "the hash has a cost above 14, which takes seconds a check" : "";
}

void read_user(YamlReader& reader, const YamlEntry& entry, WebConfig& config) {
  const auto hash = reader.text(entry);
  if (!hash) return;
  if (entry.key.empty() || has_control(entry.key) || entry.key.find(':') != std::string::npos)
    reader.problem(entry, "is a name that no client can send",
                   "leave out colons and control characters");
  const std::string_view fault = fault_of_hash(*hash);
  if (!fault.empty())
    reader.problem(entry, std::string(fault), "make one with: htpasswd -nBC 10 NAME");
  config.users.emplace(entry.key, *hash);
}

}  // namespace

WebConfig parse_web_config(std::string_view yaml, const Path& file, Problems& problems) {
  WebConfig config;
  const Path folder = file.parent_path();
  YamlReader reader(problems);
  reader.document(
      yaml,
      {{"tls_server_config",
        [&](const YamlEntry& entry) { config.tls = TlsReader(reader, folder).read(entry); }},
       {"http_server_config", [&](const YamlEntry& entry) { read_http(reader, entry, config); }},
       {"basic_auth_users",
        [&](const YamlEntry& entry) {
          reader.entries(entry, [&](const YamlEntry& user) { read_user(reader, user, config); });
        }},
       {"rate_limit", [&](const YamlEntry& entry) {
          reader.problem(entry, "requests are not limited by rate", "remove it");
        }}});
  std::ranges::stable_sort(problems, {}, &Problem::line);
  return config;
}

}  // namespace backproof::web
