// SPDX-License-Identifier: Apache-2.0
// What was asked of the restored database. Only configured checks have series, so that a check that
// was taken out of the configuration leaves the page.
#include <algorithm>
#include <array>
#include <set>

#include "checks/bands.h"
#include "exporter/metrics/family.h"

namespace backproof::metrics {
namespace {

// A kind may be configured several times with different options; it is one series.
std::set<std::string> kinds_of(const Target& target) {
  std::set<std::string> kinds;
  for (const Spec& spec : target.checks) kinds.insert(spec.kind);
  return kinds;
}

std::uint64_t count_of(const std::map<std::string, std::uint64_t>& counts,
                       const std::string& kind) {
  const auto found = counts.find(kind);
  return found == counts.end() ? 0 : found->second;
}

bool all_passed(const Boxed<Run>& run, const std::string& kind) {
  if (!run) return false;
  const auto is_kind = [&kind](const CheckResult& result) { return result.check == kind; };
  return std::ranges::any_of(run->checks, is_kind) &&
         std::ranges::all_of(run->checks, [&is_kind](const CheckResult& result) {
           return !is_kind(result) || result.verdict == Verdict::passed;
         });
}

// How often the last run met a kind of drift.
std::uint64_t drifts_of(const Boxed<Run>& run, const std::string& kind) {
  if (!run) return 0;
  return static_cast<std::uint64_t>(std::ranges::count_if(run->checks, [&](const auto& result) {
    const std::string_view subject = result.subject;
    return result.check == "drift" && result.verdict != Verdict::passed &&
           subject.substr(0, subject.find(' ')) == kind;
  }));
}

constexpr std::array families{
    Family{{"backproof_last_run_manifest_compared", Type::gauge,
            "1 = the last run compared what it restored with the manifest beside the backup, 0 = "
            "there was none or the run did not get so far.",
            "", "0"},
           [](const TargetState& state, Samples& samples) {
             const auto& run = state.history.last_run;
             samples.add(run && was_compared_with_manifest(*run));
           }},
    Family{
        {"backproof_last_run_drifts", Type::gauge,
         "What was unlike earlier passes in the last run, by kind of drift; where the check drift "
         "is off, nothing.",
         "drift", "0"},
        [](const TargetState& state, Samples& samples) {
          for (const std::string& kind : drift_kinds())
            samples.add(drifts_of(state.history.last_run, kind), {{"drift", kind}});
        }},
    Family{{"backproof_last_run_check_success", Type::gauge,
            "1 = every answer of this check passed in the last run, 0 = one did not or the check "
            "was not reached.",
            "check", "0"},
           [](const TargetState& state, Samples& samples) {
             for (const auto& kind : kinds_of(*state.target))
               samples.add(all_passed(state.history.last_run, kind), {{"check", kind}});
           }},
    Family{{"backproof_checks_total", Type::counter, "Answers that this check gave.", "check", "0"},
           [](const TargetState& state, Samples& samples) {
             for (const auto& kind : kinds_of(*state.target))
               samples.add(count_of(state.history.totals.checks, kind), {{"check", kind}});
           }},
    Family{{"backproof_check_failures_total", Type::counter,
            "Answers of this check other than passed.", "check", "0"},
           [](const TargetState& state, Samples& samples) {
             for (const auto& kind : kinds_of(*state.target))
               samples.add(count_of(state.history.totals.check_failures, kind), {{"check", kind}});
           }},
};

}  // namespace

std::span<const Family> checks_families() {
  return families;
}

}  // namespace backproof::metrics
