// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "model/run.h"

// The log of a run: what it says, how much there is of it, and its forms. A program that searches
// logs reads the same `time= level= msg= stage= ...` here as in the log of the service.
namespace backproof {

// Of a whole log, as logfmt with its line ends.
inline constexpr std::size_t most_log_bytes = 256U << 10U;
inline constexpr std::size_t most_log_fields = 16;  // of a line
inline constexpr std::size_t longest_log_key = 32;
// Whether a field may have this name: of the line's own members none.
bool is_log_key(std::string_view key);

// Without its end.
std::string rendered(const LogLine& line, log::Format format);
std::size_t log_bytes(const LogLine& line);

// Of a log that is larger than `most` its beginning and its end are kept, half and half, and in the
// middle one line says how many are left out. Calling it again, after more lines, keeps the count.
void cap_log(std::vector<LogLine>& log, std::size_t most = most_log_bytes);

// What was found, as a line.
LogLine finding_line(const Finding& finding, TimePoint time);
// Verdict, cause and reason of a run that was concluded, as its last line.
LogLine end_line(const Run& run, TimePoint time);

}  // namespace backproof
