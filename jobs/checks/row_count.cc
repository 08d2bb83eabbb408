// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "checks/check.h"

namespace backproof {
namespace {

// Exact counts; statistics are no evidence. Without a table it judges the sum over all tables: a
// database in which every table is empty would not save anyone.
class RowCount : public Check {
 public:
  explicit RowCount(Options& options)
      : table_(options.string("table", "")),
        min_(static_cast<std::uint64_t>(options.integer("min", 1, 0, INT64_MAX))),
        max_(static_cast<std::uint64_t>(options.integer("max", INT64_MAX, 0, INT64_MAX))) {
    if (max_ < min_) options.problem("max", "max is less than min");
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return {could_not(tables.error())};
    if (table_.empty()) {
      const std::uint64_t sum =
          std::accumulate(tables->begin(), tables->end(), std::uint64_t{0},
                          [](std::uint64_t n, const TableFact& fact) { return n + fact.rows; });
      return {judge(sum)};
    }
    const auto found = std::find_if(tables->begin(), tables->end(),
                                    [&](const TableFact& fact) { return fact.table == table_; });
    CheckResult result =
        found == tables->end() ? answered(false, "no such table", expected()) : judge(found->rows);
    if (found == tables->end()) result.cause = Cause::incomplete;
    result.subject = table_;
    return {result};
  }

 private:
  CheckResult judge(std::uint64_t rows) const {
    return answered(rows >= min_ && rows <= max_, text::format_count(rows) + " rows", expected());
  }
  std::string expected() const {
    const std::string most = max_ == INT64_MAX ? "" : " and at most " + text::format_count(max_);
    return "at least " + text::format_count(min_) + most +
           (min_ == 1 && most.empty() ? " row" : " rows");
  }

  std::string table_;
  std::uint64_t min_, max_;
};

}  // namespace

extern const CheckKind row_count_check;
constinit const CheckKind row_count_check{
    "row_count", "a table, or without one the whole database, holds so many rows, counted exactly",
    "table = \"orders\"\nmin = 100000", true,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<RowCount>(options); }};

}  // namespace backproof
