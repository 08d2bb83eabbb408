// SPDX-License-Identifier: Apache-2.0
#include "model/log_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::string_view left_out_key = "left_out";

log::Level level_of(Verdict verdict) {
  return verdict == Verdict::passed   ? log::Level::info
         : verdict == Verdict::failed ? log::Level::error
                                      : log::Level::warn;
}

bool is_gap(const LogLine& line) {
  return line.fields.size() == 1 && line.fields.front().key == left_out_key;
}

// A number that no log can have is of a worker that made it up.
std::uint64_t lines_in(const LogLine& line) {
  constexpr std::uint64_t most = 1'000'000'000'000;
  if (!is_gap(line)) return 1;
  const std::string& value = line.fields.front().value;
  std::uint64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return std::min(number, most);
}

LogLine gap(TimePoint time, std::uint64_t lines) {
  return {time,
          text::plural(lines, "line") + " left out: the log was too long",
          log::Level::warn,
          {},
          {{std::string(left_out_key), std::to_string(lines)}}};
}

// How many lines from `first` on fit into `most` bytes, up to a gap.
template <typename Iterator>
std::ptrdiff_t fitting(Iterator first, Iterator last, std::size_t most) {
  std::size_t bytes = 0;
  Iterator line = first;
  for (; line != last && !is_gap(*line); ++line) {
    bytes += log_bytes(*line);
    if (bytes > most) break;
  }
  return line - first;
}

}  // namespace

bool is_log_key(std::string_view key) {
  constexpr std::array<std::string_view, 4> own{"time", "level", "msg", "stage"};
  return !key.empty() && key.size() <= longest_log_key &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos &&
         std::ranges::find(own, key) == own.end();
}

std::string rendered(const LogLine& line, log::Format format) {
  log::Fields fields;
  if (line.stage) fields.push_back({"stage", std::string(name_of(*line.stage))});
  for (const LogField& field : line.fields) fields.push_back({field.key, field.value});
  return log::render(format, text::format_time(line.time), line.level, line.text, fields);
}

std::size_t log_bytes(const LogLine& line) {
  return rendered(line, log::Format::logfmt).size() + 1;
}

void cap_log(std::vector<LogLine>& log, std::size_t most) {
  std::size_t bytes = 0;
  for (const LogLine& line : log) bytes += log_bytes(line);
  if (bytes <= most) return;
  const std::size_t half = (most - std::min(most, log_bytes(gap(log.back().time, log.size())))) / 2;
  const auto head = log.begin() + fitting(log.begin(), log.end(), half);
  const auto tail = log.end() - fitting(log.rbegin(), log.rend(), half);
  std::uint64_t lines = 0;
  for (auto line = head; line != tail; ++line) lines += lines_in(*line);
  const TimePoint time = head == tail ? log.back().time : head->time;
  log.insert(log.erase(head, tail), gap(time, lines));
}

LogLine finding_line(const Finding& finding, TimePoint time) {
  const bool failure = finding.severity == Severity::failure;
  LogLine line{
      time, "found: " + finding.text, failure ? log::Level::error : log::Level::warn, {}, {}};
  line.fields.push_back({"severity", std::string(name_of(finding.severity))});
  if (failure) line.fields.push_back({"cause", std::string(name_of(finding.cause))});
  return line;
}

LogLine end_line(const Run& run, TimePoint time) {
  LogLine line{time, "run ended", level_of(run.verdict), {}, {}};
  line.fields = {{"verdict", std::string(name_of(run.verdict))},
                 {"cause", std::string(name_of(run.cause))},
                 {"took", text::format_duration(run.took)}};
  if (!run.reason.empty()) line.fields.push_back({"reason", run.reason});
  return line;
}

}  // namespace backproof
