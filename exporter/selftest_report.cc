// SPDX-License-Identifier: Apache-2.0
#include "exporter/selftest_report.h"

#include "base/text.h"

namespace backproof {
namespace {

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out + "  ";
}

// Of reasons: the matrix has a line a damage.
constexpr std::size_t reason_limit = 120;

}  // namespace

std::string_view word_for(TrialResult result) {
  switch (result) {
    case TrialResult::caught:
      return "caught";
    case TrialResult::needs_manifest:
      return "passed";
    case TrialResult::missed:
      return "MISSED";
    case TrialResult::not_applicable:
      return "not applicable";
    case TrialResult::undecided:
      return "not tried";
  }
  return "";
}

std::string detail_of(const Trial& trial, std::size_t limit) {
  const std::string reason = text::printable(trial.reason, limit);
  switch (trial.result) {
    case TrialResult::caught:
      return trial.verdict == Verdict::failed ? std::string(name_of(trial.cause)) + ": " + reason
                                              : reason;
    case TrialResult::needs_manifest:
      return "only a manifest can catch this" + (reason.empty() ? "" : "; " + reason);
    case TrialResult::missed:
      return std::string(name_of(trial.verdict)) + (reason.empty() ? "" : ": " + reason);
    case TrialResult::not_applicable:
    case TrialResult::undecided:
      return reason;
  }
  return reason;
}

std::string report_head(std::string_view target, std::uint64_t seed) {
  return "self-test of " + text::printable(target, 140) + ", seed " + std::to_string(seed) +
         "\n\n" + padded("damage", 15) + padded("result", 14) + "because\n";
}

std::string report_line(const Trial& trial) {
  return padded(info_of(trial.damage).name, 15) + padded(word_for(trial.result), 14) +
         detail_of(trial, reason_limit) + "\n";
}

std::string report_end(const Selftest& selftest) {
  std::string out = "\n" + std::string(name_of(selftest.result));
  if (!selftest.reason.empty()) out += ": " + text::printable(selftest.reason);
  out += "\n";
  for (const TrialResult result : all_trial_results)
    if (const auto count = count_of(selftest, result); count > 0)
      out += "  " + padded(std::string(name_of(result)), 14) + std::to_string(count) + "\n";
  if (!selftest.backup.empty())
    out +=
        "backup    " + text::printable(selftest.backup.native()) + " (" + selftest.format + ")\n";
  if (count_of(selftest, TrialResult::needs_manifest) > 0)
    out += "hint      with a manifest beside the backup these damages would fail\n";
  return out + "took      " + text::format_duration(selftest.took) + "\n";
}

}  // namespace backproof
