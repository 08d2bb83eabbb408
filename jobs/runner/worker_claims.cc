// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_claims.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "model/log_line.h"

namespace backproof {
namespace {

constexpr std::size_t most_text = 4000;  // bytes
// Far above what a real run has, and little enough for the memory of a server.
constexpr std::size_t most_stages = 2 * all_stages.size();
constexpr std::size_t most_findings = 10'000, most_checks = 100'000, most_tables = 100'000;
// A file cannot be larger.
constexpr std::uintmax_t most_bytes = std::numeric_limits<std::int64_t>::max();
// Clocks of two machines may differ; further in the future a time says nothing.
constexpr Duration most_ahead = std::chrono::hours(24);

void wash(std::string& s) {
  s = text::printable(s, most_text);
}

void wash(Run& run) {
  for (StageResult& stage : run.stages)
    if (stage.error)
      for (std::string* s : {&stage.error->text, &stage.error->hint}) wash(*s);
  for (std::string* s : {&run.reason, &run.hint, &run.format.name, &run.format.containers,
                         &run.format.server_version, &run.format.database, &run.format.dump_version,
                         &run.format.encoding, &run.format.written})
    wash(*s);
  for (Finding& finding : run.findings) wash(finding.text);
  for (CheckResult& check : run.checks)
    for (std::string* s :
         {&check.check, &check.subject, &check.observed, &check.expected, &check.detail})
      wash(*s);
  for (TableFact& fact : run.tables)
    for (std::string* s : {&fact.schema, &fact.table}) wash(*s);
  for (LogLine& line : run.log) {
    wash(line.text);
    for (LogField& field : line.fields) wash(field.value);
  }
}

bool is_sha256(std::string_view s) {
  return s.size() == 64 && s.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// How many were dropped; of too many those stay that speak against the backup.
template <typename List, typename Bad>
std::uint64_t cut(List& list, std::size_t most, Bad bad) {
  if (list.size() <= most) return 0;
  std::stable_partition(list.begin(), list.end(), bad);
  const std::size_t dropped = list.size() - most;
  list.resize(most);
  return dropped;
}
template <typename List>
std::uint64_t cut(List& list, std::size_t most) {
  return cut(list, most, [](const auto&) { return true; });
}

std::uint64_t cut(std::uintmax_t& number, std::uintmax_t most) {
  if (number <= most) return 0;
  number = most;
  return 1;
}

}  // namespace

WorkerClaims::WorkerClaims(const Job& job) : chosen_(job.chosen) {
  for (const Spec& check : job.target.checks) checks_.insert(check.kind);
}

void WorkerClaims::pin(const Run& run, TimePoint now) {
  // A backup that is elsewhere is fetched before.
  const auto entered =
      std::find_if(run.stages.begin(), run.stages.end(),
                   [](const StageResult& stage) { return stage.stage == Stage::sandbox; });
  if (pinned_ || entered == run.stages.end() || std::next(entered) == run.stages.end()) return;
  pinned_.emplace();
  pinned_->backup = run.backup;
  pinned_->isolation = run.isolation;
  // Which one was chosen is known here, by its very name.
  if (!chosen_.id.empty()) {
    const std::string sha256 = std::move(pinned_->backup.sha256);
    pinned_->backup = chosen_;
    pinned_->backup.sha256 = sha256;  // of what was decrypted
    // Its size is known where it lies, or when it has been fetched.
    if (chosen_.path.empty() && chosen_.bytes == 0) pinned_->backup.bytes = run.backup.bytes;
  }
  // Unknown is what it is; the worker's warning still says what the file claims.
  if (pinned_->backup.created > now + most_ahead) pinned_->backup.created = {};
}

std::uint64_t WorkerClaims::cut_lists(Run& run) const {
  std::uint64_t dropped = std::erase_if(
      run.checks, [&](const CheckResult& check) { return !checks_.contains(check.check); });
  dropped += cut(run.checks, most_checks,
                 [](const CheckResult& check) { return check.verdict != Verdict::passed; });
  dropped += cut(run.findings, most_findings,
                 [](const Finding& finding) { return finding.severity == Severity::failure; });
  dropped += cut(run.stages, most_stages);
  dropped += cut(run.tables, most_tables);
  for (LogLine& line : run.log) {
    dropped += std::erase_if(line.fields, [](const LogField& f) { return !is_log_key(f.key); });
    dropped += cut(line.fields, most_log_fields);
  }
  return dropped;
}

std::uint64_t WorkerClaims::cut_numbers(Run& run) const {
  std::uint64_t wrong = cut(run.backup.bytes, most_bytes);
  wrong += cut(run.restored_bytes, scratch_);
  wrong += cut(run.resources.scratch, scratch_);
  // No row takes less than a byte.
  for (TableFact& fact : run.tables) {
    std::uintmax_t rows = fact.rows;
    wrong += cut(rows, scratch_);
    fact.rows = rows;
  }
  return wrong;
}

void WorkerClaims::impose(Run& run, TimePoint started, TimePoint now) const {
  if (!pinned_ && !chosen_.id.empty()) {
    run.backup = chosen_;
  } else if (pinned_) {
    std::string sha256 = std::move(run.backup.sha256);
    run.backup = pinned_->backup;
    if (run.backup.sha256.empty()) run.backup.sha256 = std::move(sha256);
    // A server that was started later has a jail of its own, which may hold less.
    run.isolation = std::min(run.isolation, pinned_->isolation);
  }
  if (!is_sha256(run.backup.sha256)) run.backup.sha256.clear();
  const std::uint64_t odd = cut_lists(run) + cut_numbers(run);
  const TimePoint last = std::max(started, now);
  for (LogLine& line : run.log) line.time = std::clamp(line.time, started, last);
  wash(run);
  if (odd > 0) {
    run.findings.push_back({Severity::warning, Cause::none,
                            "the worker claimed " + text::plural(odd, "thing") +
                                " that cannot be or that nobody asked for: not taken over"});
    run.log.push_back(finding_line(run.findings.back(), last));
  }
  cap_log(run.log);
}

}  // namespace backproof
