// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_protocol.h"

#include <nlohmann/json.hpp>

#include "model/run_json.h"

namespace backproof {
namespace {

using Json = nlohmann::json;

constexpr std::string_view so_far_start = R"({"event":"run","run":)";
constexpr std::string_view result_start = R"({"event":"result","run":)";
constexpr std::size_t longest_progress = 512;
// A run nests 4 deep; a run of 100,000 tables holds about a million values.
constexpr int deepest = 16;
constexpr std::size_t most_values = 4'000'000;

// A parsed value takes dozens of bytes of memory for one or two of text, so that a line of
// "[[[[..." could take the whole server's: counted before anything is parsed.
bool is_proportionate(std::string_view json) {
  int depth = 0;
  std::size_t values = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      ++values;
      if (++depth > deepest) return false;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',') {
      ++values;
    }
    if (values > most_values) return false;
  }
  return true;
}

Error no_event() {
  return {Cause::internal, "a line is no event of a worker", ""};
}

Result<WorkerEvent> run_event(std::string_view line, std::string_view start, bool last) {
  line.remove_prefix(start.size());
  line.remove_suffix(1);
  if (!is_proportionate(line)) return no_event();
  TRY_ASSIGN(Run run, run_from_json(line));
  return WorkerEvent{{}, std::move(run), last};
}

Result<WorkerEvent> progress_event(std::string_view line) {
  return guarded(Cause::internal, "a line is no event", [&]() -> Result<WorkerEvent> {
    const Json json = Json::parse(line);
    const auto stage = stage_named(json.at("stage").get<std::string>());
    if (!stage || json.at("event") != "progress") return no_event();
    for (const char* key : {"done", "total"})
      if (!json.at(key).is_number_unsigned()) return no_event();
    return WorkerEvent{Progress{*stage, json.at("done"), json.at("total")}, {}, false};
  });
}

}  // namespace

std::string progress_line(const Progress& progress) {
  return Json{{"event", "progress"},
              {"stage", name_of(progress.stage)},
              {"done", progress.done},
              {"total", progress.total}}
             .dump() +
         "\n";
}

std::string run_line(RunEvent kind, const Run& run) {
  const auto start = kind == RunEvent::result ? result_start : so_far_start;
  return std::string(start) + to_json(run) + "}\n";
}

Result<WorkerEvent> parse_event(std::string_view line) {
  if (line.ends_with('}')) {
    if (line.starts_with(result_start)) return run_event(line, result_start, true);
    if (line.starts_with(so_far_start)) return run_event(line, so_far_start, false);
    if (line.size() <= longest_progress) return progress_event(line);
  }
  return no_event();
}

void LineReader::feed(std::string_view bytes) {
  if (skipping_) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    skipping_ = false;
  }
  buffer_ += bytes;
}

std::optional<std::string> LineReader::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      if (buffer_.size() > longest_) {
        std::string().swap(buffer_);
        searched_ = 0;
        skipping_ = true;
        ++dropped_;
      }
      return std::nullopt;
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    searched_ = 0;
    if (line.size() <= longest_) return line;
    ++dropped_;
  }
}

}  // namespace backproof
