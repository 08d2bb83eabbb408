// SPDX-License-Identifier: Apache-2.0
#include "exporter/listen_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <bit>
#include <cerrno>
#include <memory>
#include <tuple>

#include "base/file.h"
#include "base/text.h"

namespace backproof {
namespace {

constexpr std::string_view example = "write it like 127.0.0.1:10432, or :10432 for all addresses";

Error bad(std::string_view address, std::string_view what, std::string_view hint = example) {
  return {Cause::internal,
          "listen address \"" + text::printable(address) + "\": " + std::string(what),
          std::string(hint)};
}

sockaddr_in socket_address(const ListenAddress& address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(address.port);
  // host is numeric by contract; anything else stays 0.0.0.0 and is refused before.
  ::inet_pton(AF_INET, address.host.c_str(), &in.sin_addr);
  return in;
}

std::string_view hint_for(int number) {
  switch (number) {
    case EADDRINUSE:
      return "another program, perhaps another backproof, listens there: stop it or choose another "
             "port with --web.listen-address";
    case EADDRNOTAVAIL:
      return "no interface of this machine has this address";
    case EACCES:
      return "ports below 1024 need a privilege: choose another with --web.listen-address";
    default:
      return "";
  }
}

Result<std::string> resolve(std::string_view whole, const std::string& host) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &wanted, &found);
  if (code != 0) return bad(whole, std::string("unknown host: ") + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::array<char, NI_MAXHOST> numeric{};
  const int named = ::getnameinfo(found->ai_addr, found->ai_addrlen, numeric.data(), numeric.size(),
                                  nullptr, 0, NI_NUMERICHOST);
  if (named != 0) return bad(whole, std::string("unknown host: ") + ::gai_strerror(named));
  return std::string(numeric.data());
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  if (text.starts_with('[') || text.find(':') != text.rfind(':'))
    return bad(text, "IPv6 is not supported",
               "listen on an IPv4 address, with a reverse proxy in front for IPv6");
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(text, "has no port");
  const std::string_view digits = text.substr(colon + 1);
  ListenAddress address{"0.0.0.0", 0};
  const auto port = text::parse_count(digits);
  if (!port || *port > 65535) return bad(text, "the port is no number from 0 to 65535");
  address.port = static_cast<std::uint16_t>(*port);
  const std::string host(text.substr(0, colon));
  if (host.empty() || host == "*") return address;
  for (const char c : host)
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f || c == '/')
      return bad(text, "the host is no name and no IPv4 address");
  TRY_ASSIGN(address.host, resolve(text, host));
  return address;
}

Result<void> try_listen(const std::vector<ListenAddress>& addresses) {
  // All stay open until the last was tried, so that two of ours in each other's way are found too.
  std::vector<Fd> sockets;
  for (const auto& address : addresses) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) return errno_error(Cause::internal, "listen on " + address.str());
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto in = std::bit_cast<sockaddr>(socket_address(address));
    if (::bind(fd.get(), &in, sizeof in) != 0 || ::listen(fd.get(), 1) != 0) {
      const int number = errno;
      return Error{Cause::internal, "listen on " + address.str() + ": " + errno_text(number),
                   std::string(hint_for(number))};
    }
    sockets.push_back(std::move(fd));
  }
  return {};
}

void knock(const ListenAddress& address) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // 0.0.0.0 reaches this machine too (ip(7)). Nobody there is as good as somebody.
  const auto in = std::bit_cast<sockaddr>(socket_address(address));
  std::ignore = ::connect(fd.get(), &in, sizeof in);
}

}  // namespace backproof
