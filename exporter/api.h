// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "exporter/http.h"
#include "exporter/url.h"
#include "history/history.h"
#include "model/snapshot.h"

// The answers below /api/v1: JSON for programs. Times are RFC 3339 in UTC, durations seconds, sizes
// bytes. What does not exist is null, but inside a run, where a text that there is none of is ""
// and the cause of a pass is "none" (model/run_json.h). Members are added, never renamed or
// removed. Bytes that are not UTF-8 become U+FFFD.
namespace backproof::api {

// {"error": text, "hint": text or null}.
Response error(int status, const Error& error);

// GET /api/v1/backup/verification[?target=NAME]: for dashboards and scripts that want one answer.
// {"last_verification": end of the last finished run or null,
//  "status": "success" | "failed" | "inconclusive" | "never_run", "backup_file": text or null};
// without a target the newest finished run of all of them. 404 for a target that is not
// configured, whatever was recorded of it once: nothing verifies it any more.
Response verification(const Snapshot& snapshot, const Query& query);

// GET /api/v1/targets: {"targets": [...]}, everything that is known of each, in the order of the
// configuration.
Response targets(const Snapshot& snapshot);

// GET /api/v1/runs[?target=NAME&verdict=failed&limit=50]: {"runs": [...]}, newest first, each as
// model/run_json.h writes it, without its log. The limit is 1 to 1000. 404 for a target that is
// neither configured nor in the history.
Response runs(const Snapshot& snapshot, const HistoryStore& history, const Query& query);

// GET /api/v1/runs/ID: one run with its log; ID is the whole id.
Response run(const HistoryStore& history, const std::string& id);

// GET /api/v1/drills?target=NAME[&limit=50]: {"drills": [...]}, newest first, each as
// model/drill.h writes it, without its proof. The limit is 1 to 1000. 404 for a target that is
// neither configured nor in the history.
Response drills(const Snapshot& snapshot, const HistoryStore& history, const Query& query);

// GET /api/v1/drills/ID: one drill with its proof; ID is the whole id.
Response drill(const HistoryStore& history, const std::string& id);

// POST /api/v1/targets/NAME/verify: 202 and {"run": the id of the run that is to come}. 403 where
// nobody is asked for credentials, 404 for a target that is not configured, 409 while a
// verification of it goes on.
Response started(const std::string& run_id);

// Error unless every parameter is one of `allowed`: a mistyped filter must not widen an answer.
Result<void> only(const Query& query, std::initializer_list<std::string_view> allowed);

}  // namespace backproof::api
