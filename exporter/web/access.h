// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/published.h"
#include "exporter/http.h"
#include "exporter/listen_address.h"
#include "exporter/web/config.h"
#include "exporter/web/passwords.h"
#include "exporter/web/tls.h"

namespace backproof::web {

// Who may read what is served: the web configuration in force, TLS and the guard before the
// handler. Every request and every new connection looks whether one of the files changed; what is
// new and valid is in force at once, else the old stays, and one error is logged. A change counts
// when the files were left alone for a second, because half a file can be valid and open the door.
// Turning TLS on or off takes a restart, and so does asking nobody for credentials any more.
// Thread-safe; outlives its server.
class WebAccess {
 public:
  // Null with at least one problem.
  static std::unique_ptr<WebAccess> open(const Path& file, Problems& problems,
                                         const Clock& clock = system_clock());
  WebAccess(const WebAccess&) = delete;
  WebAccess& operator=(const WebAccess&) = delete;
  ~WebAccess() = default;

  // Answers only who may ask: 401 without a right password, 429 while too many are being guessed.
  // Whatever is answered has the configured headers. This object outlives the handler.
  Handler guard(Handler handler);
  // For HttpServer::start(); null without TLS.
  ssl_ctx_st* tls() const { return switching_.get(); }

  // Whether clients must show a password, or a certificate that somebody vouches for.
  bool asks_for_credentials() const;
  // What became of the last change, for metrics.
  struct State {
    bool was_taken = true;  // false: the file in force is not the one on the disk
    TimePoint loaded;       // when the configuration in force was read
  };
  State state() const { return *state_.get(); }

 private:
  struct Setup {
    WebConfig config;
    TlsContext tls;  // null without TLS
  };
  using Stamps = std::vector<std::optional<FileFacts>>;

  struct Reading {
    Setup setup;
    std::vector<Path> files;  // also those with which something is wrong
    Stamps stamps;            // of before they were read
  };

  WebAccess(Path file, const Clock& clock);
  static Reading read(const Path& file, Problems& problems);
  std::shared_ptr<const Setup> current();
  void look();
  bool is_settled(const Stamps& stamps);
  void reload();
  std::optional<Response> refusal(const Setup& setup, const Request& request);

  const Path file_;
  const Clock& clock_;
  Passwords passwords_;
  Published<Setup> setup_{Setup{}};
  Published<State> state_{State{}};

  std::mutex looking_;  // guards what follows
  std::vector<Path> files_;
  Stamps seen_, unsettled_;
  Duration unsettled_since_{0};

  TlsContext switching_;  // asks current()
};

// What a stranger can do at this address, for the log; empty where only this machine gets, or where
// TLS and credentials are asked for. `access` may be null: no web configuration.
std::string exposure(const ListenAddress& address, const WebAccess* access);

}  // namespace backproof::web
