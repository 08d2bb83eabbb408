// SPDX-License-Identifier: Apache-2.0
#include <fnmatch.h>

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

std::uint64_t sum_of(const std::vector<TableFact>& tables) {
  return std::accumulate(tables.begin(), tables.end(), std::uint64_t{0},
                         [](std::uint64_t n, const TableFact& fact) { return n + fact.rows; });
}

// Exact counts; statistics are no evidence. Without a table it judges the sum over all tables: a
// database in which every table is empty would not save anyone.
class RowCount : public Check {
 public:
  explicit RowCount(Options& options)
      : table_(options.string("table", "")), pattern_(options.string("pattern", "")) {
    const bool exact = options.has("exact");
    const std::int64_t rows = options.integer("exact", 0, 0, INT64_MAX);
    min_ = static_cast<std::uint64_t>(options.integer("min", exact ? rows : 1, 0, INT64_MAX));
    max_ =
        static_cast<std::uint64_t>(options.integer("max", exact ? rows : INT64_MAX, 0, INT64_MAX));
    if (max_ < min_)
      options.problem("max",
                      options.has("min") ? "max is less than min"
                                         : "max is less than min, which is 1 unless given",
                      "exact = 0 demands an empty table");
    // What is empty would mean the whole database, which is more easily full.
    for (const char* key : {"table", "pattern"})
      if (options.has(key) && options.string(key, "").empty())
        options.problem(key, "names no table", std::string(key) + " = \"orders\"");
    if (exact && (options.has("min") || options.has("max")))
      options.problem("exact", "is given beside min or max", "keep one of both");
    if (!table_.empty() && !pattern_.empty())
      options.problem("pattern", "is given beside table", "keep one of both");
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& tables = input.database.self_check(context).tables;
    if (!tables) return {could_not(tables.error())};
    if (table_.empty() && pattern_.empty()) return {judge(sum_of(*tables))};
    std::vector<CheckResult> results;
    for (const TableFact& fact : *tables) {
      if (!is_meant(fact, input.database.dialect())) continue;
      results.push_back(judge(fact.rows));
      results.back().subject = table_.empty() ? full_name(fact) : table_;
    }
    if (results.empty()) results.push_back(count_elsewhere(input.database, context));
    if (results.back().subject.empty()) results.back().subject = table_.empty() ? pattern_ : table_;
    return results;
  }

 private:
  // A partitioned table has no rows of its own, but its partitions have.
  CheckResult count_elsewhere(Database& database, const RunContext& context) const {
    const auto rows = [&]() -> Result<std::uint64_t> {
      if (table_.empty()) return Error{Cause::incomplete, "", ""};
      const TableName name{table_, "", std::chrono::hours(1)};
      TRY_ASSIGN(const FoundTable table, find_table(database, name, context));
      return ask_count(database, "SELECT count(*) FROM " + table.sql, name, context);
    }();
    if (rows) return judge(*rows);
    if (rows.error().cause != Cause::incomplete) return could_not(rows.error());
    CheckResult result = answered(false, "no such table", expected());
    result.cause = Cause::incomplete;
    return result;
  }

  bool is_meant(const TableFact& fact, Dialect dialect) const {
    if (!table_.empty()) return is_named(fact, table_, dialect);
    return ::fnmatch(pattern_.c_str(), fact.table.c_str(), 0) == 0 ||
           ::fnmatch(pattern_.c_str(), full_name(fact).c_str(), 0) == 0;
  }
  CheckResult judge(std::uint64_t rows) const {
    return answered(rows >= min_ && rows <= max_, text::plural(rows, "row"), expected());
  }
  std::string expected() const {
    if (min_ == max_) return "exactly " + text::plural(min_, "row");
    if (max_ == INT64_MAX) return "at least " + text::plural(min_, "row");
    return "at least " + text::format_count(min_) + " and at most " + text::format_count(max_) +
           " rows";
  }

  std::string table_, pattern_;
  std::uint64_t min_ = 0, max_ = 0;
};

}  // namespace

extern const CheckKind row_count_check;
constinit const CheckKind row_count_check{
    "row_count",
    "a table, tables by a pattern, or without one the whole database, hold so many rows, counted "
    "exactly",
    "table = \"orders\"\nmin = 100000", true,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<RowCount>(options); }};

}  // namespace backproof
