// SPDX-License-Identifier: Apache-2.0
#include "exporter/http.h"

#include <civetweb.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <exception>
#include <future>
#include <optional>

#include "base/log.h"
#include "base/text.h"
#include "exporter/listen_address.h"
#include "exporter/url.h"

namespace backproof {
namespace {

// What the library's callbacks get back.
struct Served {
  Handler handler;
  ssl_ctx_st* tls;  // null without TLS
};

// The library's own option names. Its default limit of 16 KiB for the head of a request stays.
constexpr std::array<std::pair<const char*, const char*>, 10> fixed_options{{
    {"connection_queue", "64"},
    {"listen_backlog", "256"},
    {"request_timeout_ms", "5000"},
    {"enable_keep_alive", "yes"},
    {"keep_alive_timeout_ms", "500"},
    {"tcp_nodelay", "1"},
    // Its own decoding ends a path at an encoded NUL: "/metrics%00x" would be "/metrics".
    {"decode_url", "no"},
    {"decode_query_string", "no"},
    // With the check, an absolute request target would have to name a configured domain. Without it
    // the host does not matter, but one with another port than ours gets no answer.
    {"enable_auth_domain_check", "no"},
    {"enable_directory_listing", "no"},
}};

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  // English names whatever the locale: the program never calls setlocale.
  const auto n = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return std::string(text.data(), n);
}

void send(mg_connection* conn, const Response& response, bool with_body, bool keep_alive) {
  if (!keep_alive) mg_disable_keep_alive(conn);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += reason_phrase(response.status);
  const auto header = [&head](std::string_view name, std::string_view value) {
    ((((head += "\r\n") += name) += ": ")) += value;
  };
  header("Date", http_date());
  header("Content-Type", response.content_type);
  header("Content-Length", std::to_string(response.body.size()));
  header("Cache-Control", "no-store");
  header("X-Content-Type-Options", "nosniff");
  header("Connection", keep_alive ? "keep-alive" : "close");
  for (const auto& [name, value] : response.headers) header(name, value);
  head += "\r\n\r\n";
  // One write for both: a client that reads a whole answer at once gets it so.
  if (with_body) head += response.body;
  const int written = mg_write(conn, head.data(), head.size());
  // Whoever does not read its answer gets no other: a row of requests on one connection would hold
  // a thread for as many timeouts.
  if (written < 0 || static_cast<std::size_t>(written) != head.size()) mg_disable_keep_alive(conn);
}

std::string header_of(const mg_connection* conn, const char* name) {
  const char* value = mg_get_header(conn, name);
  return value == nullptr ? "" : value;
}

// The rule of the library (RFC 9112, section 9.3), asked beforehand, because the answer says it.
bool wants_keep_alive(const mg_connection* conn, const mg_request_info& info) {
  const std::string wish = text::lower(header_of(conn, "Connection"));
  if (!wish.empty()) return wish.find("keep-alive") != std::string::npos;
  return info.http_version != nullptr && std::string_view(info.http_version) == "1.1";
}

// Nothing when the target of the request is not a path we could serve.
std::optional<Request> request_of(const mg_connection* conn, const mg_request_info& info) {
  if (info.request_method == nullptr || info.local_uri_raw == nullptr) return std::nullopt;
  const auto path = decode_percent(info.local_uri_raw, Plus::is_plus);
  if (!path || !path->starts_with('/') ||
      std::ranges::any_of(*path, [](char c) { return static_cast<unsigned char>(c) < 0x20; }))
    return std::nullopt;
  return Request{info.request_method,
                 *path,
                 info.query_string == nullptr ? "" : info.query_string,
                 header_of(conn, "Accept-Encoding"),
                 header_of(conn, "Accept"),
                 header_of(conn, "Authorization"),
                 header_of(conn, "Host"),
                 header_of(conn, "Origin")};
}

// Whatever goes wrong in a handler stays with its request. The library's threads have stacks of
// 100 KiB, fixed when it was compiled: enough to speak HTTP, not for handlers, which may ask a
// database. Each answer is made by a thread of its own.
Response answer(const Handler& handler, const Request& request) {
  try {
    return std::async(std::launch::async, [&] { return handler(request); }).get();
  } catch (const std::exception& e) {
    log::error("request failed", {{"path", request.path}, {"error", e.what()}});
  } catch (...) {
    log::error("request failed", {{"path", request.path}, {"error", "unknown exception"}});
  }
  return {500, "text/plain; charset=utf-8", "internal error\n", {}};
}

int begin_request(mg_connection* conn) noexcept {
  try {
    const mg_request_info* info = mg_get_request_info(conn);
    const auto* served = static_cast<const Served*>(info->user_data);
    const auto request = request_of(conn, *info);
    const Response response =
        request ? answer(served->handler, *request)
                : Response{400, "text/plain; charset=utf-8", "the path is not valid\n", {}};
    // A body is none of our business; a connection with one unread is closed.
    const bool has_body = info->content_length > 0 || mg_get_header(conn, "Transfer-Encoding");
    const bool is_head =
        info->request_method != nullptr && std::string_view(info->request_method) == "HEAD";
    send(conn, response, !is_head, !has_body && wants_keep_alive(conn, *info));
    return response.status;
  } catch (...) {
    // Out of memory while answering: the connection ends without an answer, the process lives.
    mg_disable_keep_alive(conn);
    return 500;
  }
}

// The library answers 400 to methods that it does not know, without asking anyone.
bool is_unknown_method(const mg_connection* conn) {
  const mg_request_info* info = mg_get_request_info(conn);
  if (info == nullptr || info->request_method == nullptr || info->request_uri == nullptr)
    return false;
  constexpr std::array<std::string_view, 9> known{"GET",   "HEAD",    "POST",    "PUT",  "DELETE",
                                                  "PATCH", "OPTIONS", "CONNECT", "TRACE"};
  return std::ranges::find(known, info->request_method) == known.end();
}

// Requests that the library refuses before they reach begin_request.
int http_error(mg_connection* conn, int status, const char* /*page*/) noexcept {
  try {
    if (status == 400 && is_unknown_method(conn)) status = 501;
    const std::string text = text::lower(reason_phrase(status)) + "\n";
    send(conn, {status, "text/plain; charset=utf-8", text, {}}, true, false);
  } catch (...) {
    mg_disable_keep_alive(conn);
  }
  return 0;
}

int log_message(const mg_connection* /*conn*/, const char* message) noexcept {
  try {
    // "sslize error: error:0A0000C7:SSL routines::peer did not return a certificate"
    const std::string_view text = message;
    const auto reason = text.rfind("::");
    if (text.starts_with("sslize error") && reason != std::string_view::npos)
      log::warn("TLS handshake failed", {{"reason", text::printable(text.substr(reason + 2))}});
    else
      log::warn("http server", {{"message", text::printable(text)}});
  } catch (...) {
    return 1;  // a line that cannot be written is lost
  }
  return 1;
}

std::vector<ListenAddress> real_addresses(const mg_context* context,
                                          std::vector<ListenAddress> addresses) {
  std::vector<mg_server_port> ports(addresses.size() + 1);
  const int n = mg_get_server_ports(context, static_cast<int>(ports.size()), ports.data());
  for (std::size_t i = 0; i < addresses.size(); ++i)
    if (n > 0 && i < static_cast<std::size_t>(n))
      addresses[i].port = static_cast<std::uint16_t>(ports[i].port);
  return addresses;
}

// The library's accepting thread sees that it is to stop when a client comes, or else only every
// two seconds: we are the client.
void stop(mg_context* context, const std::vector<ListenAddress>& addresses) noexcept {
  try {
    const auto stopped = std::async(std::launch::async, [context] { mg_stop(context); });
    while (stopped.wait_for(std::chrono::milliseconds(20)) != std::future_status::ready)
      knock(addresses.front());
  } catch (const std::system_error&) {
    mg_stop(context);  // no thread to be had: slower
  }
}

// Asked for when the server starts, and again when it ends: the context is ours then, too.
int tls_context(void** context, void* user_data) noexcept {
  *context = static_cast<const Served*>(user_data)->tls;
  return 1;
}

}  // namespace

struct HttpServer::State {
  State(Handler handler, ssl_ctx_st* tls) : served{std::move(handler), tls} {
    mg_init_library(tls == nullptr ? MG_FEATURES_DEFAULT : MG_FEATURES_TLS);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (context != nullptr) stop(context, addresses);
    mg_exit_library();
  }

  const Served served;
  mg_context* context = nullptr;
  std::vector<ListenAddress> addresses;  // with their real ports
};

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::vector<std::string>& addresses,
                                                      Handler handler, ssl_ctx_st* tls,
                                                      std::size_t threads) {
  if (addresses.empty())
    return Error{Cause::internal, "no address to listen on", "give --web.listen-address"};
  std::vector<ListenAddress> parsed;
  std::vector<std::string> ports;
  for (const auto& address : addresses) {
    TRY_ASSIGN(parsed.emplace_back(), parse_listen_address(address));
    ports.push_back(parsed.back().str() + (tls == nullptr ? "" : "s"));
  }
  TRY(try_listen(parsed));

  auto state = std::make_unique<State>(std::move(handler), tls);
  mg_callbacks callbacks{};
  callbacks.begin_request = begin_request;
  callbacks.http_error = http_error;
  callbacks.log_message = log_message;
  callbacks.external_ssl_ctx = tls_context;
  const std::string listening = text::join(ports, ",");
  const std::string most = std::to_string(threads);
  std::vector<const char*> options{"listening_ports", listening.c_str(), "num_threads",
                                   most.c_str()};
  for (const auto& [name, value] : fixed_options) options.insert(options.end(), {name, value});
  options.push_back(nullptr);
  std::array<char, 256> why{};
  unsigned code = 0;
  mg_init_data init{&callbacks, const_cast<Served*>(&state->served), options.data()};
  mg_error_data error{&code, why.data(), why.size()};
  state->context = mg_start2(&init, &error);
  if (state->context == nullptr)
    return Error{Cause::internal,
                 "listen on " + listening + ": " + text::printable(std::string_view(why.data())),
                 ""};
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(state)));
  server->state_->addresses = real_addresses(server->state_->context, parsed);
  for (const auto& address : server->state_->addresses) server->addresses_.push_back(address.str());
  return server;
}

std::string_view reason_phrase(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 18> phrases{{
      {200, "OK"},
      {202, "Accepted"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {505, "HTTP Version Not Supported"},
  }};
  const auto* found = std::ranges::find(phrases, status, &std::pair<int, std::string_view>::first);
  return found == phrases.end() ? "Unknown" : found->second;
}

}  // namespace backproof
