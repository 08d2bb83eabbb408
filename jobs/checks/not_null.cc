// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

class NotNull : public Check {
 public:
  explicit NotNull(Options& options)
      : table_(TableName::required(options)),
        columns_(options.required_strings("columns", "no column to look at", "[\"user_id\"]")) {}

  // One scan for all columns.
  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto counts = count(input.database, context);
    std::vector<CheckResult> results;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      results.push_back(counts ? answered((*counts)[i] == 0,
                                          text::plural((*counts)[i], "row") + " without a value",
                                          "0 rows without a value")
                               : could_not(counts.error()));
      results.back().subject = table_.table + "." + columns_[i];
    }
    return results;
  }

 private:
  Result<std::vector<std::uint64_t>> count(Database& database, const RunContext& context) const {
    TRY_ASSIGN(const FoundTable table, find_table(database, table_, context));
    TRY_ASSIGN(const auto columns, quoted_columns(table, columns_));
    std::string sql = "SELECT";
    for (const std::string& column : columns)
      sql += std::string(sql == "SELECT" ? " " : ", ") + "count(*) - count(" + column + ")";
    TRY_ASSIGN(const auto row, ask_row(database, sql + " FROM " + table.sql, table_, context));
    std::vector<std::uint64_t> counts;
    for (const Field& cell : row)
      counts.push_back(text::parse_count(cell.value_or("")).value_or(0));
    return counts;
  }

  TableName table_;
  std::vector<std::string> columns_;
};

}  // namespace

extern const CheckKind not_null_check;
constinit const CheckKind not_null_check{
    "not_null", "every row has a value in these columns, whatever the schema demands",
    "table = \"conversations\"\ncolumns = [\"user_id\"]", false,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<NotNull>(options); }};

}  // namespace backproof
