// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/text.h"
#include "checks/asking.h"
#include "checks/bands.h"

namespace backproof {
namespace {

// Somebody knows why, until a day.
struct Suppression {
  std::string what, table;  // empty: all
  std::string reason;
  TimePoint until;

  bool covers(const Drift& drift, TimePoint now) const {
    return now < until && (what.empty() || what == name_of(drift.kind)) &&
           (table.empty() || table == drift.table || drift.table.ends_with('.' + table));
  }
};

class DriftCheck : public Check {
 public:
  explicit DriftCheck(Options& options) {
    for (const std::string& kind : drift_kinds())
      fails_[kind] = options.choice(kind, "warn", {"warn", "fail"}) == "fail";
    read_suppressions(options);
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return {could_not(tables.error())};
    PassedRun now = remembered(input.run);
    now.tables = *tables;
    std::vector<CheckResult> results{summary(input.memory.size())};
    for (const Drift& drift : drifts(input.memory, now)) {
      CheckResult result = answered(false, drift.observed, drift.expected);
      result.subject =
          std::string(name_of(drift.kind)) + (drift.table.empty() ? "" : " ") + drift.table;
      result.enforced = fails_.at(std::string(name_of(drift.kind)));
      const auto known = std::ranges::find_if(suppressions_, [&](const Suppression& one) {
        return one.covers(drift, context.clock.now());
      });
      if (known != suppressions_.end()) {
        result.enforced = false;
        result.detail = "suppressed until " + text::format_time(known->until).substr(0, 10) + ": " +
                        text::printable(known->reason);
      }
      results.push_back(std::move(result));
    }
    return results;
  }

 private:
  static CheckResult summary(std::size_t passes) {
    CheckResult result = answered(
        true,
        "compared with " + text::format_count(passes) + " earlier pass" + (passes == 1 ? "" : "es"),
        "nothing unusual");
    if (passes < passes_to_learn)
      result.detail = "still learning: counts are compared from the " +
                      std::to_string(passes_to_learn) + "th pass on";
    // What was counted, row_count has looked at.
    result.looked_at_data = false;
    return result;
  }

  void read_suppressions(Options& options) {
    for (const Table* table : options.tables("suppress")) {
      Problems problems;
      Options entry(*table, options.line_of("suppress"), "", problems);
      std::vector<std::string> kinds = drift_kinds();
      kinds.emplace_back("");
      Suppression known{entry.choice("what", "", kinds), entry.string("table", ""), "", {}};
      const std::string until = entry.required_string("until");
      if (const auto end = text::parse_time(until + "T00:00:00Z"))
        known.until = *end;
      else if (entry.has("until"))
        entry.problem("until", "expected a day", "until = \"2027-01-31\"");
      known.reason = entry.required_string("reason");
      if (entry.has("reason") && known.reason.empty()) entry.problem("reason", "says nothing");
      entry.finish();
      for (const Problem& problem : problems)
        options.problem("suppress", problem.text, problem.hint);
      suppressions_.push_back(std::move(known));
    }
  }

  std::map<std::string, bool, std::less<>> fails_;
  std::vector<Suppression> suppressions_;
};

}  // namespace

extern const CheckKind drift_check;
constinit const CheckKind drift_check{
    "drift",
    "counts and sizes are like those of the target's earlier passes: nothing dropped, fell to "
    "zero, exploded, vanished, appeared or frozen, and the backup is not the bytes of an earlier "
    "one",
    "zero = \"fail\"\nvanished = \"fail\"\nsuppress = [{ table = \"public.queue\", until = "
    "\"2027-01-31\", reason = \"emptied for the migration\" }]",
    true, [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<DriftCheck>(options);
    }};

}  // namespace backproof
