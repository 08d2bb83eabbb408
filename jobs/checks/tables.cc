// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "checks/check.h"

namespace backproof {
namespace {

class Tables : public Check {
 public:
  explicit Tables(Options& options)
      : min_(static_cast<std::uint64_t>(options.integer("min", 1, 1, 1'000'000))),
        expected_(options.strings("contains")) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return {could_not(tables.error())};
    std::vector<CheckResult> results{answered(tables->size() >= min_,
                                              text::plural(tables->size(), "table"),
                                              "at least " + text::plural(min_, "table"))};
    if (tables->size() < min_) results.front().cause = Cause::incomplete;
    for (const std::string& name : expected_) {
      const bool there = std::any_of(tables->begin(), tables->end(),
                                     [&](const TableFact& fact) { return fact.table == name; });
      results.push_back(answered(there, there ? "present" : "absent", "present"));
      results.back().subject = name;
      if (!there) results.back().cause = Cause::incomplete;
    }
    return results;
  }

 private:
  std::uint64_t min_;
  std::vector<std::string> expected_;
};

}  // namespace

extern const CheckKind tables_check;
constinit const CheckKind tables_check{
    "tables", "the restored database has at least so many tables, and those that are named",
    "min = 12\ncontains = [\"users\", \"orders\"]", true,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Tables>(options); }};

}  // namespace backproof
