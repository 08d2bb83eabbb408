// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/published.h"
#include "exporter/http.h"
#include "exporter/web/access.h"
#include "history/history.h"
#include "model/snapshot.h"

namespace backproof {

// What the routes serve from. All of it outlives the handler and may change meanwhile.
struct Served {
  const Published<Snapshot>& snapshot;
  const HistoryStore& history;     // only pages and lists of runs ask it
  const std::atomic<bool>& ready;  // false until the snapshot holds what the history knows
  const Clock& clock;              // for ages on the pages
  const web::WebAccess* access;    // null: there is no web configuration
  std::string metrics_path = "/metrics";
  // Starts a verification that somebody asks for (Scheduler::verify_now()); empty: nobody can.
  std::function<Result<std::string>(const std::string& target)> verify{};
};

// Whether the metrics may be served under this path: plain, absolute, and no other route's.
Result<void> check_telemetry_path(const std::string& path);

// Every address of this program: the pages, the metrics, /-/healthy, /-/ready and /api/v1/...; 404
// for all others, 405 for methods that an address does not know: GET and HEAD everywhere, POST only
// where something is started. A later guard (TLS client names, passwords) wraps the handler.
Handler make_routes(Served served);

}  // namespace backproof
