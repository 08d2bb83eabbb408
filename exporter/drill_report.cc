// SPDX-License-Identifier: Apache-2.0
#include "exporter/drill_report.h"

#include <optional>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::size_t label_width = 13, stage_width = 9, took_width = 10;

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

std::string line(std::string_view label, const std::string& value) {
  return "  " + padded(label, label_width) + value + "\n";
}

// The label stands before the first of them only.
std::string lines(std::string_view label, const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values)
    out += line(out.empty() ? label : "", text::printable(value));
  return out;
}

std::string against(std::optional<Duration> measured, Duration objective, bool exceeded,
                    std::string_view unknown) {
  std::string out = measured ? text::format_duration(*measured) : std::string(unknown);
  if (objective == Duration{}) return out + ", no objective";
  out += ", objective " + text::format_duration(objective);
  return measured ? out + (exceeded ? ": MISSED" : ": met") : out;
}

std::string stage_lines(const Drill& drill) {
  std::string out;
  for (const DrillStageResult& stage : drill.stages) {
    const std::string said = stage.error ? "STOPPED: " + stage.error->text : stage.note;
    out += line(out.empty() ? "stages" : "",
                padded(name_of(stage.stage), stage_width) +
                    padded(text::format_duration(stage.took), took_width) + text::printable(said));
  }
  return out;
}

// Those that passed are a number: there may be hundreds.
std::string proof_lines(const Run& proof) {
  std::size_t passed = 0;
  std::vector<std::string> others;
  for (const CheckResult& check : proof.checks) {
    if (check.verdict == Verdict::passed) {
      ++passed;
      continue;
    }
    others.push_back(
        std::string(name_of(check.verdict)) + ": " + check.check +
        (check.subject.empty() ? "" : " of " + check.subject) +
        (check.observed.empty() ? "" : ": " + check.observed + ", expected " + check.expected));
  }
  return line("checks",
              std::to_string(passed) + " of " + std::to_string(proof.checks.size()) + " passed") +
         lines("", others);
}

}  // namespace

std::string drill_report_text(const Drill& drill) {
  std::string out = "drill of " + text::printable(drill.target, 140) + ": ";
  out += drill.finished ? name_of(drill.result) : "unfinished";
  if (drill.finished && drill.cause) out += " (" + std::string(name_of(*drill.cause)) + ")";
  out += "\n";
  if (!drill.reason.empty()) out += line("reason", text::printable(drill.reason));
  if (!drill.hint.empty()) out += line("hint", text::printable(drill.hint));
  const bool proven = drill.recovery > Duration{};
  out += line("RTO", against(proven ? std::optional(drill.recovery) : std::nullopt,
                             drill.rto_objective, exceeds_rto(drill), "not proven"));
  out += line("RPO",
              against(data_loss_of(drill), drill.rpo_objective, exceeds_rpo(drill), "not known"));
  out += stage_lines(drill);
  if (!drill.backup.empty()) out += line("backup", text::printable(drill.backup.native()));
  if (!drill.stand_in.empty()) out += line("lost", text::printable(drill.stand_in));
  if (drill.newest != TimePoint{})
    out += line("newest data",
                text::format_time(drill.newest) + ", " + text::printable(drill.newest_by));
  if (drill.proof)
    out += line("proven", drill.with_manifest ? "against the manifest of the backup"
                                              : "by checks alone: there is no manifest") +
           proof_lines(*drill.proof);
  out += lines("warning", drill.warnings) + lines("not drilled", drill.not_drilled);
  return out +
         line("drill", text::printable(drill.id) + ", took " + text::format_duration(drill.took));
}

}  // namespace backproof
