// SPDX-License-Identifier: Apache-2.0
#include "exporter/listen_address.h"

#include "support/support.h"

using namespace backproof;

TEST_CASE("listen addresses are read as Prometheus writes them") {
  CHECK(*parse_listen_address(":10432") == ListenAddress{"0.0.0.0", 10432});
  CHECK(*parse_listen_address("127.0.0.1:10432") == ListenAddress{"127.0.0.1", 10432});
  CHECK(*parse_listen_address("0.0.0.0:0") == ListenAddress{"0.0.0.0", 0});
  CHECK(*parse_listen_address("*:65535") == ListenAddress{"0.0.0.0", 65535});
  CHECK(*parse_listen_address("localhost:80") == ListenAddress{"127.0.0.1", 80});
}

TEST_CASE("what is no listen address is refused with a hint") {
  for (const char* bad : {"", "10432", "127.0.0.1", "127.0.0.1:", ":65536", ":-1", ":+1", ":1x",
                          ": 1", "a b:1", "127.0.0.1/8:1", "0.0.0.0:1,:2s"}) {
    INFO(bad);
    const auto address = parse_listen_address(bad);
    REQUIRE_FALSE(address);
    CHECK_FALSE(address.error().hint.empty());
  }
}

TEST_CASE("IPv6 is refused by name") {
  for (const char* address : {"[::1]:10432", "[::]:1", "::1:10432", "[::1]"}) {
    const auto parsed = parse_listen_address(address);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().text.find("IPv6 is not supported") != std::string::npos);
  }
}

TEST_CASE("an address that is not ours is found before the server starts") {
  // Reserved for documentation (RFC 5737): no machine has it.
  const auto tried = try_listen({{"192.0.2.1", 10432}});
  REQUIRE_FALSE(tried);
  CHECK(tried.error().text == "listen on 192.0.2.1:10432: Cannot assign requested address");
  CHECK(tried.error().hint == "no interface of this machine has this address");
}
