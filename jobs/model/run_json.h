// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/run.h"

namespace backproof {

// The one written form of a Run: what the worker sends, the history keeps, `verify --format json`
// prints and the API serves. Versioned by its member "version"; documented in jobs/README.md.
inline constexpr int run_json_version = 1;

// `with_log` false leaves the log out (the API's lists). Bytes that are not UTF-8 become U+FFFD.
std::string to_json(const Run& run, bool with_log = true, int indent = -1);
// Refuses other versions and documents that are not what to_json() writes (cause internal).
Result<Run> run_from_json(std::string_view json);

// The log alone, as the history keeps it beside the document.
std::string to_json(const std::vector<LogLine>& log);
Result<std::vector<LogLine>> log_from_json(std::string_view json);

}  // namespace backproof
