// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

class Unique : public Check {
 public:
  explicit Unique(Options& options)
      : table_(TableName::required(options)),
        columns_(options.required_strings("columns", "no column to look at", "[\"email\"]")) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto doubled = count(input.database, context);
    CheckResult result =
        doubled ? answered(*doubled == 0, text::plural(*doubled, "doubled key"), "0 doubled keys")
                : could_not(doubled.error());
    result.subject = table_.table + "(" + text::join(columns_, ", ") + ")";
    return {result};
  }

 private:
  // As a UNIQUE constraint has it: a NULL anywhere is like nothing else.
  Result<std::uint64_t> count(Database& database, const RunContext& context) const {
    TRY_ASSIGN(const FoundTable table, find_table(database, table_, context));
    TRY_ASSIGN(const auto columns, quoted_columns(table, columns_));
    const std::string list = text::join(columns, ", ");
    return ask_count(database,
                     "SELECT count(*) FROM (SELECT 1 FROM " + table.sql + " WHERE " +
                         text::join(columns, " IS NOT NULL AND ") + " IS NOT NULL GROUP BY " +
                         list + " HAVING count(*) > 1) AS doubled",
                     table_, context);
  }

  TableName table_;
  std::vector<std::string> columns_;
};

}  // namespace

extern const CheckKind unique_check;
constinit const CheckKind unique_check{
    "unique", "no two rows have the same values in these columns, whatever the schema demands",
    "table = \"users\"\ncolumns = [\"email\"]", false,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Unique>(options); }};

}  // namespace backproof
