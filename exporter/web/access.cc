// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/access.h"

#include <fcntl.h>

#include <algorithm>
#include <future>

#include "base/log.h"
#include "base/text.h"
#include "exporter/api.h"
#include "exporter/config.h"
#include "exporter/web/basic_auth.h"

namespace backproof::web {
namespace {

constexpr Duration settle_time = std::chrono::seconds(1);

std::optional<FileFacts> stamp_of(const Path& path) {
  const Fd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd) return std::nullopt;
  auto facts = facts_of(fd.get());
  return facts ? std::optional(*facts) : std::nullopt;
}

// Programs below /api/ read JSON, everybody else reads text.
Response refused(const Request& request, int status, const std::string& text) {
  if (request.path.starts_with("/api/")) return api::error(status, {Cause::internal, text, ""});
  return {status, "text/plain; charset=utf-8", text + "\n", {}};
}

// A password, or a certificate that somebody vouches for.
bool asks_for_credentials(const WebConfig& config) {
  return !config.users.empty() ||
         (config.tls && config.tls->client_auth == ClientAuth::require_and_verify);
}

// What an operator configured is said, and said once.
void set_headers(Response& response, const WebConfig& config) {
  for (const auto& [name, value] : config.headers) {
    std::erase_if(response.headers, [lower = text::lower(name)](const auto& header) {
      return text::lower(header.first) == lower;
    });
    response.headers.emplace_back(name, value);
  }
}

}  // namespace

WebAccess::WebAccess(Path file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}

std::unique_ptr<WebAccess> WebAccess::open(const Path& file, Problems& problems,
                                           const Clock& clock) {
  std::error_code error;
  std::unique_ptr<WebAccess> access(new WebAccess(std::filesystem::absolute(file, error), clock));
  Reading reading = read(access->file_, problems);
  if (!problems.empty()) return nullptr;
  if (reading.setup.tls) {
    const auto loaded = load_tls_libraries();
    if (!loaded) {
      problems.push_back(
          {reading.setup.config.tls->line, loaded.error().text, loaded.error().hint});
      return nullptr;
    }
    access->switching_ =
        make_switching_context([whole = access.get()] { return whole->current()->tls; });
  }
  const std::lock_guard looking(access->looking_);
  access->files_ = std::move(reading.files);
  access->seen_ = std::move(reading.stamps);
  access->setup_.set(std::move(reading.setup));
  access->state_.set({true, clock.now()});
  return access;
}

WebAccess::Reading WebAccess::read(const Path& file, Problems& problems) {
  Reading out{{}, {file}, {stamp_of(file)}};
  const auto yaml = read_file(file, 1U << 20U);
  if (!yaml) {
    problems.push_back({0, yaml.error().text, yaml.error().hint});
    return out;
  }
  WebConfig& config = out.setup.config;
  config = parse_web_config(*yaml, file, problems);
  if (!problems.empty() || !config.tls) return out;
  for (const Pem* pem : {&config.tls->cert, &config.tls->key, &config.tls->client_ca}) {
    if (pem->file.empty()) continue;
    out.files.push_back(pem->file);
    out.stamps.push_back(stamp_of(pem->file));
  }
  out.setup.tls = make_tls_context(*config.tls, problems);
  return out;
}

std::shared_ptr<const WebAccess::Setup> WebAccess::current() {
  // One looks; whoever comes meanwhile goes on with what is in force.
  if (const std::unique_lock looking(looking_, std::try_to_lock); looking) look();
  return setup_.get();
}

void WebAccess::look() {
  Stamps stamps;
  for (const Path& file : files_) stamps.push_back(stamp_of(file));
  // The server's threads have small stacks; parsers want a whole one.
  if (stamps != seen_ && is_settled(stamps))
    std::async(std::launch::async, [this] { reload(); }).get();
}

// Old enough by the file system's own time, or the same for a second of ours: that is for what is
// gone, and for clocks that disagree.
bool WebAccess::is_settled(const Stamps& stamps) {
  const TimePoint now = clock_.now();
  if (std::ranges::all_of(
          stamps, [&](const auto& stamp) { return stamp && stamp->changed <= now - settle_time; }))
    return true;
  if (stamps == unsettled_) return clock_.elapsed() - unsettled_since_ >= settle_time;
  unsettled_ = stamps;
  unsettled_since_ = clock_.elapsed();
  return false;
}

void WebAccess::reload() {
  Problems problems;
  Reading next = read(file_, problems);
  const auto now = setup_.get();
  if (problems.empty() && (next.setup.tls == nullptr) != (now->tls == nullptr))
    problems.push_back({0, "TLS is not turned on or off while serving", "restart backproof"});
  // It may be what a full disk left of the file.
  if (problems.empty() && web::asks_for_credentials(now->config) &&
      !web::asks_for_credentials(next.setup.config))
    problems.push_back({0, "nobody would be asked for a password or a certificate any more",
                        "restart backproof if that is meant"});
  for (const Problem& problem : problems)
    log::error("bad web configuration", {{"problem", problem_text(file_, problem)}});
  if (problems.empty()) {
    setup_.set(std::move(next.setup));
    state_.set({true, clock_.now()});
    log::info("web configuration reloaded", {{"file", file_.native()}});
  } else {
    state_.set({false, state_.get()->loaded});
    log::error("the old web configuration is kept", {{"file", file_.native()}});
  }
  files_ = std::move(next.files);
  seen_ = std::move(next.stamps);
}

bool WebAccess::asks_for_credentials() const {
  return web::asks_for_credentials(setup_.get()->config);
}

std::optional<Response> WebAccess::refusal(const Setup& setup, const Request& request) {
  if (setup.config.users.empty()) return std::nullopt;
  const auto credentials = parse_basic_auth(request.authorization);
  const auto answer =
      credentials ? passwords_.check(setup.config.users, credentials->user, credentials->password)
                  : Passwords::Answer::wrong;
  if (answer == Passwords::Answer::right) return std::nullopt;
  if (answer == Passwords::Answer::busy) {
    Response response = refused(request, 429, "too many passwords are being checked");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
  Response response = refused(request, 401, "a name and a password are needed");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"backproof\", charset=\"UTF-8\"");
  return response;
}

Handler WebAccess::guard(Handler handler) {
  return [this, handler = std::move(handler)](const Request& request) {
    const auto setup = current();
    auto refused = refusal(*setup, request);
    Response response = refused ? *std::move(refused) : handler(request);
    set_headers(response, setup->config);
    return response;
  };
}

std::string exposure(const ListenAddress& address, const WebAccess* access) {
  const bool has_tls = access != nullptr && access->tls() != nullptr;
  const bool asks = access != nullptr && access->asks_for_credentials();
  if (address.host.starts_with("127.") || (has_tls && asks)) return "";
  if (asks) return "without TLS, passwords and results can be read on the way";
  return has_tls
             ? "whoever reaches this address can read the results: nobody is asked for a password"
             : "whoever reaches this address can read the results: there is neither TLS nor a "
               "password";
}

}  // namespace backproof::web
