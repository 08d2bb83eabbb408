// SPDX-License-Identifier: Apache-2.0
#include "runner/run_log.h"

#include <algorithm>

#include "base/text.h"
#include "model/log_line.h"

namespace backproof {
namespace {

constexpr std::size_t longest_text = 2000;
constexpr std::size_t most_findings = 200;  // that a log names; the run has all of them
constexpr std::size_t most_answers = 50;    // of a check, that did not pass
constexpr Duration between_samples = std::chrono::milliseconds(100);

}  // namespace

void RunLog::begin(Stage stage) {
  stage_started_ = clock_.elapsed();
  run_.stages.push_back({stage, Duration{}, std::nullopt});
  note("stage begins", {}, log::Level::debug);
  // Told at once: whoever follows must know what a worker was doing when it died.
  events_.stage_changed(run_);
}

void RunLog::end(const Error* error) {
  StageResult& stage = run_.stages.back();
  stage.took = clock_.elapsed() - stage_started_;
  for (; findings_ < std::min(run_.findings.size(), most_findings); ++findings_)
    add(finding_line(run_.findings[findings_], clock_.now()));
  if (error == nullptr) {
    note("stage ended", {{"took", text::format_duration(stage.took)}});
  } else {
    stage.error = *error;
    const bool bad = verdict_of(error->cause) == Verdict::failed;
    note("stage failed: " + error->text,
         {{"took", text::format_duration(stage.took)},
          {"cause", std::string(name_of(error->cause))}},
         bad ? log::Level::error : log::Level::warn);
  }
  if (usage_ != nullptr) usage_->sample(run_.resources);
  events_.stage_changed(run_);
}

void RunLog::progress(std::uintmax_t done, std::uintmax_t total) {
  const Duration now = clock_.elapsed();
  if (usage_ != nullptr && now - sampled_ >= between_samples) {
    sampled_ = now;
    usage_->sample_memory(run_.resources);
  }
  const Stage stage = run_.stages.empty() ? Stage::select : run_.stages.back().stage;
  events_.progress({stage, done, total});
}

void RunLog::note(const std::string& text, LogFields fields, log::Level level) {
  add({clock_.now(), text, level, {}, std::move(fields)});
}

void RunLog::run_begins() {
  note("run begins", {{"target", run_.target},
                      {"run", run_.id},
                      {"trigger", run_.trigger},
                      {"attempt", std::to_string(run_.attempt)}});
}

void RunLog::backup_opened() {
  note("backup opened", {{"backup", run_.backup.path.native()},
                         {"bytes", std::to_string(run_.backup.bytes)},
                         {"of", dated(run_.backup)}});
}

void RunLog::content_recognised() {
  LogFields content{{"format", run_.format.name}};
  if (!run_.format.containers.empty()) content.push_back({"containers", run_.format.containers});
  note("content recognised", std::move(content));
}

void RunLog::tables_counted() {
  note("tables counted", {{"tables", std::to_string(run_.tables.size())},
                          {"rows", std::to_string(total_rows(run_))}});
}

void RunLog::answers(std::size_t first, Duration took) {
  if (first == run_.checks.size()) return;
  std::size_t passed = 0, named = 0;
  for (std::size_t i = first; i < run_.checks.size(); ++i) {
    const CheckResult& answer = run_.checks[i];
    if (answer.verdict == Verdict::passed) {
      ++passed;
    } else if (++named <= most_answers) {
      note("check did not pass",
           {{"check", answer.check},
            {"subject", answer.subject},
            {"verdict", std::string(name_of(answer.verdict))},
            {"cause", std::string(name_of(answer.cause))},
            {"enforced", answer.enforced ? "true" : "false"}},
           answer.verdict == Verdict::failed && answer.enforced ? log::Level::error
                                                                : log::Level::warn);
    }
  }
  note("check answered", {{"check", run_.checks[first].check},
                          {"answers", std::to_string(run_.checks.size() - first)},
                          {"passed", std::to_string(passed)},
                          {"took", text::format_duration(took)}});
}

void RunLog::add(LogLine line) {
  line.text = text::printable(line.text, longest_text);
  for (LogField& field : line.fields) field.value = text::printable(field.value, longest_text);
  if (!run_.stages.empty()) line.stage = run_.stages.back().stage;
  bytes_ += log_bytes(line);
  run_.log.push_back(std::move(line));
  if (bytes_ <= most_log_bytes) return;
  cap_log(run_.log, most_log_bytes / 2);  // not at every line
  bytes_ = 0;
  for (const LogLine& kept : run_.log) bytes_ += log_bytes(kept);
}

}  // namespace backproof
