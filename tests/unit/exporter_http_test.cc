// SPDX-License-Identifier: Apache-2.0
#include "exporter/http.h"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <stdexcept>

#include "base/text.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::unique_ptr<HttpServer> started(Handler handler) {
  auto server = HttpServer::start({"127.0.0.1:0"}, std::move(handler));
  REQUIRE(server);
  return *std::move(server);
}

// Answers with what it was asked.
Response echo(const Request& request) {
  if (request.path == "/throw") throw std::runtime_error("on purpose");
  if (request.path == "/throw-int") throw 7;
  return {200,
          "text/plain; charset=utf-8",
          request.method + " [" + request.path + "] [" + request.query + "]\n",
          {}};
}

std::string url_of(const HttpServer& server) {
  return "http://" + server.addresses().at(0);
}

std::string curl(const std::string& arguments) {
  return sh("curl -sS --path-as-is --max-time 20 " + arguments + " 2>&1");
}

// Sends bytes as they are and reads until the server closes.
std::string raw(const HttpServer& server, const std::string& request) {
  const Fd fd = connected_to(server.addresses().at(0));
  REQUIRE(write_all(fd.get(), as_bytes(request)));
  std::string answer;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = ::recv(fd.get(), buffer.data(), buffer.size(), 0)) > 0;)
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  return answer;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("requests reach the handler decoded and unchanged otherwise") {
  const auto server = started(echo);
  CHECK(curl(url_of(*server) + "/a%20b/../c//d?x=%41\\&y=+") == "GET [/a b/../c//d] [x=%41&y=+]\n");
  CHECK(curl("-X DELETE " + url_of(*server) + "/a") == "DELETE [/a] []\n");
  CHECK(curl("-d body " + url_of(*server) + "/a") == "POST [/a] []\n");
}

TEST_CASE("HEAD is answered as GET without its body") {
  const auto server = started(echo);
  const std::string head = curl("-I " + url_of(*server) + "/metrics");
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(contains(head, "Content-Length: 19\r\n"));
  CHECK(contains(head, "X-Content-Type-Options: nosniff\r\n"));
  CHECK(contains(head, "Date: "));
  CHECK_FALSE(contains(head, "Server:"));
  CHECK(head.ends_with("\r\n\r\n"));
}

TEST_CASE("what a handler throws becomes 500 and the server lives") {
  const auto server = started(echo);
  for (const char* path : {"/throw", "/throw-int"}) {
    const std::string answer = curl("-i " + url_of(*server) + path);
    CHECK(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
    CHECK(answer.ends_with("internal error\n"));
    CHECK_FALSE(contains(answer, "on purpose"));
  }
  CHECK(curl(url_of(*server) + "/") == "GET [/] []\n");
}

TEST_CASE("paths that cannot be served are refused before the handler") {
  const auto server = started(echo);
  for (const char* path : {"/%00", "/metrics%00x", "/%zz", "/a%0ab", "/%"})
    CHECK(curl("-o /dev/null -w '%{http_code}' '" + url_of(*server) + path + "'") == "400");
  // A body behind HEAD would be taken for the next answer of the connection.
  CHECK(raw(*server, "HEAD /% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .ends_with("\r\n\r\n"));
  // Not a path at all: the connection ends.
  CHECK(raw(*server, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").empty());
}

TEST_CASE("requests that are none are answered in our own words") {
  const auto server = started(echo);
  const auto check = [&server](const std::string& request, std::string_view status) {
    const std::string answer = raw(*server, request);
    INFO(answer);
    CHECK(answer.starts_with("HTTP/1.1 " + std::string(status)));
    CHECK(contains(answer, "Connection: close\r\n"));
    CHECK_FALSE(contains(text::lower(answer), "civetweb"));
  };
  check("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "501 Not Implemented");
  check("get / HTTP/1.1\r\nHost: x\r\n\r\n", "501 Not Implemented");
  check("GET\r\n\r\n", "400 Bad Request");
  check("\x16\x03\x01\x02\r\n\r\n", "400 Bad Request");
  check("GET / HTTP/7.1\r\nHost: x\r\n\r\n", "505 HTTP Version Not Supported");
}

TEST_CASE("a target with our own address before its path is that path") {
  const auto server = started(echo);
  CHECK(contains(raw(*server, "GET " + url_of(*server) +
                                  "/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                 "\r\n\r\nGET [/a] []\n"));
}

TEST_CASE("a client that leaves before its answer harms nobody") {
  const auto server = started([](const Request& request) {
    return request.path == "/large" ? Response{200, "text/plain", std::string(8U << 20U, 'x'), {}}
                                    : echo(request);
  });
  for (int i = 0; i < 40; ++i) {
    const Fd fd = connected_to(server->addresses().at(0));
    // Closing with a reset, while the answer is being sent.
    const linger hard{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    REQUIRE(write_all(fd.get(), as_bytes("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")));
    std::array<char, 1> first{};
    CHECK(::recv(fd.get(), first.data(), 1, 0) == 1);
  }
  CHECK(curl(url_of(*server) + "/a") == "GET [/a] []\n");
}

TEST_CASE("a client that does not take its answer gets none to its further requests") {
  std::atomic<int> asked = 0;
  auto server = started([&asked](const Request&) {
    ++asked;
    return Response{200, "text/plain", std::string(8U << 20U, 'x'), {}};
  });
  {
    const Fd fd = connected_to(server->addresses().at(0));
    const linger hard{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    REQUIRE(write_all(fd.get(), as_bytes(requests)));
    std::array<char, 1> first{};
    CHECK(::recv(fd.get(), first.data(), 1, 0) == 1);
  }
  CHECK(curl(url_of(*server) + "/ | wc -c") == "8388608\n");
  server.reset();
  CHECK(asked == 2);
}

TEST_CASE("a URL beyond all measure is refused and the server lives") {
  const auto server = started(echo);
  const std::string answer =
      raw(*server, "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK((contains(answer, "HTTP/1.1 4") || answer.empty()));
  CHECK(curl(url_of(*server) + "/?" + std::string(4000, 'q')) ==
        "GET [/] [" + std::string(4000, 'q') + "]\n");
}

TEST_CASE("a connection is kept for the next request") {
  const auto server = started(echo);
  CHECK(curl("-w '%{num_connects} ' " + url_of(*server) + "/a " + url_of(*server) + "/b") ==
        "GET [/a] []\n1 GET [/b] []\n0 ");
  CHECK(contains(curl("-i -H 'Connection: close' " + url_of(*server) + "/"),
                 "Connection: close\r\n"));
  CHECK(contains(curl("-i -0 " + url_of(*server) + "/"), "Connection: close\r\n"));
}

TEST_CASE("handlers run with the stack of a whole thread") {
  const auto server = started([](const Request& request) {
    // More than the library gives to its own threads.
    std::array<volatile char, 1U << 20U> large{};
    for (std::size_t i = 0; i < large.size(); i += 1024) large[i] = 'x';
    return Response{200, "text/plain", request.path + large[1024] + "\n", {}};
  });
  CHECK(curl(url_of(*server) + "/a") == "/ax\n");
}

TEST_CASE("many clients at once all get their own answer") {
  const auto server = started(echo);
  const std::string url = url_of(*server);
  CHECK(sh("seq 200 | xargs -P 8 -I{} curl -sS " + url + "/{} | sort -u | wc -l") == "200\n");
}

TEST_CASE("a port in use is reported with its address and a hint") {
  const auto server = started(echo);
  const std::string taken = server->addresses().at(0);
  const auto second = HttpServer::start({"127.0.0.1:0", taken}, echo);
  REQUIRE_FALSE(second);
  CHECK(second.error().text == "listen on " + taken + ": Address already in use");
  CHECK(contains(second.error().hint, "another program"));
  const std::string port = taken.substr(taken.find(':'));
  CHECK_FALSE(HttpServer::start({port}, echo));
}

TEST_CASE("several addresses are listened on, each with its real port") {
  auto server = HttpServer::start({"127.0.0.1:0", "127.0.0.2:0"}, echo);
  REQUIRE(server);
  const auto addresses = (*server)->addresses();
  REQUIRE(addresses.size() == 2);
  CHECK(addresses[1].starts_with("127.0.0.2:"));
  for (const auto& address : addresses) {
    CHECK_FALSE(address.ends_with(":0"));
    CHECK(curl("http://" + address + "/x") == "GET [/x] []\n");
  }
}

TEST_CASE("a port is free again when its server has stopped") {
  auto server = started(echo);
  const std::string address = server->addresses().at(0);
  CHECK(curl(url_of(*server) + "/") == "GET [/] []\n");
  server.reset();
  auto next = HttpServer::start({address}, echo);
  REQUIRE(next);
  CHECK((*next)->addresses().at(0) == address);
}

TEST_CASE("no address and a bad address are errors") {
  CHECK_FALSE(HttpServer::start({}, echo));
  const auto server = HttpServer::start({"[::1]:0"}, echo);
  REQUIRE_FALSE(server);
  CHECK(contains(server.error().text, "IPv6 is not supported"));
}
