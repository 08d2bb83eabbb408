// SPDX-License-Identifier: Apache-2.0
#include "runner/run_log.h"

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t longest_log = 2000;  // lines
constexpr Duration between_samples = std::chrono::milliseconds(100);

}  // namespace

void RunLog::begin(Stage stage) {
  stage_started_ = clock_.elapsed();
  run_.stages.push_back({stage, Duration{}, std::nullopt});
  // Told at once: whoever follows must know what a worker was doing when it died.
  events_.stage_changed(run_);
}

void RunLog::end(const Error* error) {
  StageResult& stage = run_.stages.back();
  stage.took = clock_.elapsed() - stage_started_;
  std::string line =
      std::string(name_of(stage.stage)) + " took " + text::format_duration(stage.took);
  if (error != nullptr) {
    stage.error = *error;
    line += ": " + std::string(name_of(error->cause)) + ": " + error->str();
  }
  note(line);
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

void RunLog::note(const std::string& text) {
  if (run_.log.size() < longest_log)
    run_.log.push_back({clock_.now(), text::printable(text, 2000)});
}

}  // namespace backproof
