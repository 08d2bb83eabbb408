// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

class Tables : public Check {
 public:
  explicit Tables(Options& options)
      : min_(static_cast<std::uint64_t>(options.integer("min", 1, 1, 1'000'000))),
        contains_(options.strings("contains")),
        exactly_(options.strings("exactly")) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return {could_not(tables.error())};
    const Dialect dialect = input.database.dialect();
    std::vector<CheckResult> results{answered(tables->size() >= min_,
                                              text::plural(tables->size(), "table"),
                                              "at least " + text::plural(min_, "table"))};
    if (tables->size() < min_) results.front().cause = Cause::incomplete;
    for (const auto* names : {&contains_, &exactly_})
      for (const std::string& name : *names)
        results.push_back(judge(*tables, name, input.database, context));
    if (!exactly_.empty())
      for (const TableFact& fact : *tables)
        if (std::ranges::none_of(exactly_,
                                 [&](const auto& name) { return is_named(fact, name, dialect); })) {
          results.push_back(answered(false, "present", "absent: it is in no list"));
          results.back().subject = full_name(fact);
        }
    return results;
  }

 private:
  // What was counted has rows of its own; a partitioned table has only partitions.
  static CheckResult judge(const std::vector<TableFact>& tables, const std::string& name,
                           Database& database, const RunContext& context) {
    bool there = std::ranges::any_of(
        tables, [&](const TableFact& fact) { return is_named(fact, name, database.dialect()); });
    if (!there) {
      const auto found = find_table(database, {name, "", std::chrono::minutes(1)}, context);
      if (!found && found.error().cause != Cause::incomplete) return could_not(found.error());
      there = found.has_value();
    }
    CheckResult result = answered(there, there ? "present" : "absent", "present");
    result.subject = name;
    if (!there) result.cause = Cause::incomplete;
    return result;
  }

  std::uint64_t min_;
  std::vector<std::string> contains_, exactly_;
};

}  // namespace

extern const CheckKind tables_check;
constinit const CheckKind tables_check{
    "tables",
    "the restored database has at least so many tables, those that are named, or exactly these",
    "min = 12\ncontains = [\"users\", \"sales.orders\"]", true,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Tables>(options); }};

}  // namespace backproof
