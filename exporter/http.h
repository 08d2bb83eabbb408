// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "exporter/connection_threads.h"

struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace backproof {

// What a client asked for. The path is decoded and free of control characters; the query is as
// sent, because only decoding it part by part keeps an encoded '&' apart from a real one.
struct Request {
  std::string method;           // "GET", "HEAD", "POST", ...
  std::string path;             // "/api/v1/runs"; always begins with '/'
  std::string query;            // behind '?', still encoded; may be empty
  std::string accept_encoding;  // that header; may be empty, as those that follow
  std::string accept{};
  std::string authorization{};
  std::string host{}, origin{};
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  // Beside those that every answer gets (Date, Content-Length, Connection, nosniff, no-store).
  std::vector<std::pair<std::string, std::string>> headers;
};

// Called from many threads at once. What it throws becomes 500. Answers HEAD as it answers GET:
// the server leaves the body out.
using Handler = std::function<Response(const Request&)>;

// HTTP/1.1 on TCP over IPv4, with TLS or without: no files, no directories, no answer but the
// handler's and those to requests that are none (400, 413, 501, ...). Owns its threads; started and
// stopped by one thread. An idle connection costs one of its threads for at most five seconds, so
// with the usual 600 hundreds of them delay nobody.
class HttpServer {
 public:
  // Listens on every address (exporter/listen_address.h) or on none. Errors name the address and
  // what to do: in use, not ours, no permission. With `tls`, which outlives the server, every
  // address speaks TLS only; web::load_tls_libraries() comes first.
  static Result<std::unique_ptr<HttpServer>> start(const std::vector<std::string>& addresses,
                                                   Handler handler, ssl_ctx_st* tls = nullptr,
                                                   std::size_t threads = most_connection_threads);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  // Waits for requests that are being answered, at most some seconds.
  ~HttpServer();

  // "127.0.0.1:10432", in the order given to start(); port 0 is replaced by the real one.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;  // stays at its address: the server's threads hold it
  std::vector<std::string> addresses_;
};

// "Not Found"; "Unknown" for what we never send.
std::string_view reason_phrase(int status);

}  // namespace backproof
