// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// A row that was planted in production: where it is missing or changed, this is another database,
// or one that somebody encrypted or emptied. Neither key nor value is ever shown.
class Canary : public Check {
 public:
  explicit Canary(Options& options)
      : table_(TableName::required(options)),
        key_column_(options.required_string("key_column")),
        key_(options.required_string("key")),
        value_column_(options.required_string("value_column")),
        value_(options.required_string("value")) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto found = look(input.database, context);
    CheckResult result =
        found ? answered(*found == expected_, *found, expected_) : could_not(found.error());
    result.subject = table_.table;
    return {result};
  }

 private:
  Result<std::string> look(Database& database, const RunContext& context) const {
    TRY_ASSIGN(const FoundTable table, find_table(database, table_, context));
    TRY_ASSIGN(const auto columns, quoted_columns(table, {key_column_, value_column_}));
    const std::string with_key =
        "FROM " + table.sql + " WHERE " + columns[0] + " = " + sql_literal(key_);
    TRY_ASSIGN(const std::uint64_t keys,
               ask_count(database, "SELECT count(*) " + with_key, table_, context));
    TRY_ASSIGN(const std::uint64_t whole, ask_count(database,
                                                    "SELECT count(*) " + with_key + " AND " +
                                                        columns[1] + " = " + sql_literal(value_),
                                                    table_, context));
    if (keys == 0) return std::string("no row with its key");
    if (whole < keys) return std::string("another value");
    return keys == 1 ? expected_ : "its key " + text::format_count(keys) + " times";
  }

  const std::string expected_ = "the planted value";
  TableName table_;
  std::string key_column_, key_, value_column_, value_;
};

}  // namespace

extern const CheckKind canary_check;
constinit const CheckKind canary_check{
    "canary", "a row that was planted in production is there, with its value",
    "table = \"backup_canary\"\nkey_column = \"id\"\nkey = \"1\"\nvalue_column = \"word\"\n"
    "value = \"heron\"",
    false,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Canary>(options); }};

}  // namespace backproof
