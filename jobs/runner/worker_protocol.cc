// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_protocol.h"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "model/run_json.h"

namespace backproof {
namespace {

using Json = nlohmann::json;

constexpr std::string_view so_far_start = R"({"event":"run","run":)";
constexpr std::string_view result_start = R"({"event":"result","run":)";
constexpr std::string_view pause_start = R"({"event":"pause")";
constexpr std::size_t longest_progress = 512;
// A run nests 4 deep and has at most 22 members in an object. One of 100,000 tables holds 400,000
// values.
constexpr int deepest = 16;
constexpr std::size_t most_members = 64;
constexpr std::size_t most_values = 1'000'000;

// A parsed value takes dozens of bytes of memory for one or two of text, so that a line of
// "[[[[..." could take the whole server's; and an object of many members takes time to build.
// Counted before anything is parsed.
bool is_proportionate(std::string_view json) {
  std::array<std::size_t, deepest + 1> members{};  // of the open objects; arrays have no limit
  std::array<bool, deepest + 1> is_object{};
  std::size_t depth = 0, values = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return false;
      is_object[depth] = c == '{';
      members[depth] = 1;
      ++values;
    } else if (c == ']' || c == '}') {
      if (depth-- == 0) return false;
    } else if (c == ',') {
      ++values;
      if (++members[depth] > most_members && is_object[depth]) return false;
    }
    if (values > most_values) return false;
  }
  return true;
}

Error no_event() {
  return {Cause::internal, "a line is no event of a worker", ""};
}

// What speaks against the backup stays in front.
template <typename List, typename Bad>
void shorten(List& list, std::size_t most, Bad bad) {
  if (list.size() <= most) return;
  std::stable_partition(list.begin(), list.end(), bad);
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
}

Run shortened(Run run, std::size_t most) {
  shorten(run.findings, most, [](const Finding& f) { return f.severity == Severity::failure; });
  shorten(run.checks, most, [](const CheckResult& c) { return c.verdict != Verdict::passed; });
  run.tables.resize(std::min(run.tables.size(), most));
  return run;
}

Result<WorkerEvent> run_event(std::string_view line, std::string_view start, bool last) {
  if (!last && line.size() > longest_so_far) return no_event();
  line.remove_prefix(start.size());
  line.remove_suffix(1);
  if (!is_proportionate(line)) return no_event();
  TRY_ASSIGN(Run run, run_from_json(line));
  return WorkerEvent{{}, std::move(run), {}, last};
}

Result<WorkerEvent> progress_event(std::string_view line) {
  return guarded(Cause::internal, "a line is no event", [&]() -> Result<WorkerEvent> {
    const Json json = Json::parse(line);
    const auto stage = stage_named(json.at("stage").get<std::string>());
    if (!stage || json.at("event") != "progress") return no_event();
    for (const char* key : {"done", "total"})
      if (!json.at(key).is_number_unsigned()) return no_event();
    return WorkerEvent{Progress{*stage, json.at("done"), json.at("total")}, {}, {}, false};
  });
}

Result<WorkerEvent> pause_event(std::string_view line) {
  return guarded(Cause::internal, "a line is no event", [&]() -> Result<WorkerEvent> {
    const Json json = Json::parse(line);
    const std::string at = json.at("at");
    const auto found = std::ranges::find_if(all_pauses, [&](Pause p) { return name_of(p) == at; });
    if (found == all_pauses.end()) return no_event();
    return WorkerEvent{{}, {}, Paused{*found, {}, json.at("database")}, false};
  });
}

}  // namespace

Result<std::string> read_job_text() {
  constexpr std::size_t longest_job = 16U << 20U;
  std::string all;
  std::array<char, 1U << 16U> buffer;
  while (all.size() <= longest_job) {
    const ssize_t n = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (n == 0) return all;
    if (n > 0) all.append(buffer.data(), static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) return errno_error(Cause::internal, "cannot read the job");
  }
  return Error{Cause::internal, "the job is larger than 16 MiB", ""};
}

std::string progress_line(const Progress& progress) {
  return Json{{"event", "progress"},
              {"stage", name_of(progress.stage)},
              {"done", progress.done},
              {"total", progress.total}}
             .dump() +
         "\n";
}

std::string pause_line(const Paused& pause) {
  return std::string(pause_start) + R"(,"at":")" + std::string(name_of(pause.at)) +
         R"(","database":)" +
         Json(pause.database).dump(-1, ' ', false, Json::error_handler_t::replace) + "}\n";
}

std::string run_line(RunEvent kind, const Run& run) {
  const bool last = kind == RunEvent::result;
  const std::string start(last ? result_start : so_far_start);
  const auto lists = std::max({run.findings.size(), run.checks.size(), run.tables.size()});
  std::size_t most = last ? lists : std::min<std::size_t>(lists, 1000);
  while (true) {
    std::string line = start + to_json(most < lists ? shortened(run, most) : run) + "}\n";
    if (line.size() <= (last ? longest_event : longest_so_far) || most == 0) return line;
    most /= 4;
  }
}

bool is_run_line(std::string_view line) {
  return line.starts_with(result_start) || line.starts_with(so_far_start);
}

Result<WorkerEvent> parse_event(std::string_view line) {
  if (line.ends_with('}')) {
    if (line.starts_with(result_start)) return run_event(line, result_start, true);
    if (line.starts_with(so_far_start)) return run_event(line, so_far_start, false);
    if (line.size() > longest_progress) return no_event();
    return line.starts_with(pause_start) ? pause_event(line) : progress_event(line);
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
  // Once for all lines that were taken out, so that many short ones cost no more than a long one.
  buffer_.erase(0, start_);
  searched_ -= std::exchange(start_, 0);
  buffer_ += bytes;
}

std::optional<std::string> LineReader::next() {
  while (true) {
    const std::size_t end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      if (buffer_.size() - start_ > longest_) {
        std::string().swap(buffer_);
        searched_ = start_ = 0;
        skipping_ = true;
        ++dropped_;
      }
      return std::nullopt;
    }
    const std::size_t begin = std::exchange(start_, end + 1);
    searched_ = start_;
    if (end - begin <= longest_) return buffer_.substr(begin, end - begin);
    ++dropped_;
  }
}

}  // namespace backproof
