// SPDX-License-Identifier: Apache-2.0
#include "sandbox/named_server.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>

#include "base/text.h"

namespace backproof {
namespace {

using Parts = std::map<std::string, std::string>;

Error odd(std::string_view what) {
  return {Cause::internal, "the server's URL has " + std::string(what),
          "write postgresql://user@host:5432/"};
}

std::optional<std::string> decoded(std::string_view s) {
  std::string plain;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '%') {
      plain += s[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view hex = s.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    if (hex.size() != 2 || error != std::errc() || end != hex.data() + 2 || value == 0)
      return std::nullopt;
    plain += static_cast<char>(value);
    i += 2;
  }
  return plain;
}

// What stands before the first `mark` is cut off and returned; nothing when there is no mark.
std::optional<std::string_view> cut_before(std::string_view& rest, char mark) {
  const std::size_t at = rest.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return before;
}

bool set(Parts& parts, const std::string& key, std::string_view value) {
  const auto plain = decoded(value);
  if (plain && !plain->empty()) parts[key] = *plain;
  return plain.has_value();
}

bool set_host(Parts& parts, std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    if (!set(parts, "host", host.substr(1, end - 1))) return false;
    host.remove_prefix(end + 1);
    return host.empty() || (host.front() == ':' && set(parts, "port", host.substr(1)));
  }
  const auto name = cut_before(host, ':');
  if (!name) return set(parts, "host", host);
  return set(parts, "host", *name) && set(parts, "port", host);
}

std::string part(const Parts& parts, const std::string& key, const std::string& otherwise) {
  const auto found = parts.find(key);
  return found == parts.end() ? otherwise : found->second;
}

Result<void> look_up_local(NamedServer& server, const std::string& folder,
                           const std::string& port) {
  const std::string path = folder + "/.s.PGSQL." + port;
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) return odd("a folder of sockets whose name is too long");
  std::copy(path.begin(), path.end(), static_cast<char*>(to.sun_path));
  std::memcpy(&server.address, &to, sizeof to);
  server.address_size = sizeof to;
  return {};
}

// The address as numbers, too.
Result<std::string> look_up_internet(NamedServer& server, const std::string& host,
                                     const std::string& port) {
  addrinfo wish{};
  wish.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &wish, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, [](addrinfo* list) {
    if (list != nullptr) freeaddrinfo(list);
  });
  if (error != 0 || found == nullptr)
    return Error{Cause::fetch,
                 "cannot find the server " + text::printable(host) + ": " + gai_strerror(error),
                 ""};
  std::memcpy(&server.address, found->ai_addr, found->ai_addrlen);
  server.address_size = found->ai_addrlen;
  std::array<char, NI_MAXHOST> numbers{};
  if (getnameinfo(found->ai_addr, found->ai_addrlen, numbers.data(), numbers.size(), nullptr, 0,
                  NI_NUMERICHOST) != 0)
    return odd("a host without an address");
  return std::string(numbers.data());
}

// Parameters of libpq that name files for TLS.
constexpr std::array tls_files{"sslrootcert", "sslcert", "sslkey", "sslcrl"};

}  // namespace

std::string conninfo_value(const std::string& value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

Result<Parts> parse_pg_url(std::string_view url) {
  const auto scheme = cut_before(url, ':');
  if (!scheme || (*scheme != "postgresql" && *scheme != "postgres") || !url.starts_with("//"))
    return odd("not the form of one");
  url.remove_prefix(2);
  Parts parts;
  std::string_view options;
  if (const auto before = cut_before(url, '?')) {
    options = url;
    url = *before;
  }
  std::string_view database;
  if (const auto before = cut_before(url, '/')) {
    database = url;
    url = *before;
  }
  bool ok = set(parts, "dbname", database);
  if (auto who = cut_before(url, '@')) {
    const auto user = cut_before(*who, ':');
    ok = set(parts, "user", user ? *user : *who) && (!user || set(parts, "password", *who)) && ok;
  }
  ok = set_host(parts, url) && ok;
  for (const std::string_view option : text::split(options, '&')) {
    if (option.empty()) continue;
    std::string_view value = option;
    const auto key = cut_before(value, '=');
    const auto name = key ? decoded(*key) : std::nullopt;
    ok = name && set(parts, *name, value) && ok;
  }
  if (!ok) return odd("a part that cannot be read");
  if (parts["host"].empty() && parts["hostaddr"].empty()) return odd("no host");
  if (parts["host"].find(',') != std::string::npos) return odd("several hosts");
  return parts;
}

Result<std::string> read_password(const Path& file) {
  constexpr std::uintmax_t longest = 4096;
  TRY_ASSIGN(const std::string content, read_file(file, longest));
  return content.substr(0, content.find_first_of("\r\n"));
}

Result<void> check_named_server(std::string_view url) {
  TRY_ASSIGN(const Parts parts, parse_pg_url(url));
  for (const char* secret : {"password", "sslpassword"})
    if (parts.contains(secret))
      return Error{Cause::internal, "the server's URL holds a password",
                   "write it into a file and name that: password_file = \"...\""};
  // Who is meant would depend on who asks, in which surroundings.
  for (const char* elsewhere : {"passfile", "service", "servicefile"})
    if (parts.contains(elsewhere)) return odd(std::string("the parameter ") + elsewhere);
  if (part(parts, "user", "").empty()) return odd("no user");
  if (part(parts, "sslrootcert", "") == "system")
    return Error{Cause::internal, "the server's URL has sslrootcert=system, which no jail can read",
                 "name the file, like /etc/ssl/certs/ca-certificates.crt"};
  return {};
}

Result<void> copy_tls_files(std::string_view url, const Path& folder) {
  TRY_ASSIGN(const Parts parts, parse_pg_url(url));
  for (const char* name : tls_files) {
    const std::string path = part(parts, name, "");
    if (path.empty()) continue;
    const auto content = read_file(path);
    if (!content)
      return Error{Cause::fetch, std::string(name) + " of sandbox.server: " + content.error().text,
                   ""};
    const Fd copy(open((folder / name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!copy || !write_all(copy.get(), as_bytes(*content)))
      return errno_error(Cause::internal, std::string("cannot copy ") + name);
  }
  return {};
}

Result<NamedServer> NamedServer::look_up(std::string_view url, const std::string& password,
                                         const Path& tls) {
  TRY(check_named_server(url));
  TRY_ASSIGN(Parts parts, parse_pg_url(url));
  NamedServer server;
  server.entry = part(parts, "dbname", "postgres");
  parts["password"] = password;
  for (const char* name : tls_files)
    if (!tls.empty() && !part(parts, name, "").empty()) parts[name] = (tls / name).native();
  const std::string host = part(parts, "host", ""), port = part(parts, "port", "5432");
  if (host.starts_with('/')) {
    TRY(look_up_local(server, host, port));
  } else {
    const std::string given = part(parts, "hostaddr", "");
    TRY_ASSIGN(parts["hostaddr"], look_up_internet(server, given.empty() ? host : given, port));
  }
  parts.erase("dbname");
  parts.try_emplace("gssencmode", "disable");  // its tickets are not in the jail
  parts.try_emplace("connect_timeout", "10");
  for (const auto& [key, value] : parts)
    if (!value.empty()) server.conninfo += key + "=" + conninfo_value(value) + " ";
  return server;
}

Connection NamedServer::connect() const {
  Connection made;
  const int family = address.ss_family;
  made.socket = Fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.socket) return {Fd(), errno};
  const int on = 1;
  if (family != AF_UNIX) {  // what libpq asks for is asked of the socket that is replaced
    setsockopt(made.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(made.socket.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  }
  if (::connect(made.socket.get(), reinterpret_cast<const sockaddr*>(&address), address_size) == 0)
    return made;
  const int error = errno;
  if (error == EINPROGRESS)
    made.error = error;
  else
    made = {Fd(), error};
  return made;
}

}  // namespace backproof
