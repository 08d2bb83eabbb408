// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backproof {

// An IPv4 address and a port to listen on. Port 0 lets the kernel choose.
struct ListenAddress {
  std::string host;  // numeric: "127.0.0.1", "0.0.0.0"
  std::uint16_t port = 0;

  std::string str() const { return host + ":" + std::to_string(port); }
  bool operator==(const ListenAddress&) const = default;
};

// As every Prometheus exporter writes it: ":10432" (all addresses), "127.0.0.1:10432",
// "localhost:10432" (resolved now). IPv6 is refused: the HTTP library is built without it.
Result<ListenAddress> parse_listen_address(std::string_view text);

// Whether all of them could be listened on together, found out by doing so for a moment. The
// server's own error would name neither the address nor the reason.
Result<void> try_listen(const std::vector<ListenAddress>& addresses);

// Begins a connection to `address` and ends it: wakes who listens there.
void knock(const ListenAddress& address);

}  // namespace backproof
