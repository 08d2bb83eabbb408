// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// pg_dump leaves them out where it is told to dump a schema or a table, and says nothing.
class LargeObjects : public Check {
 public:
  explicit LargeObjects(Options& options)
      : where_(TableName::database_only(options)),
        min_(static_cast<std::uint64_t>(options.integer("min", 1, 1, INT64_MAX))) {}

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto count = ask(input.database, context);
    if (!count) return {could_not(count.error())};
    return {answered(*count >= min_, text::plural(*count, "large object"),
                     "at least " + text::format_count(min_))};
  }

 private:
  Result<std::uint64_t> ask(Database& database, const RunContext& context) const {
    TRY(only_postgresql(database, "large objects"));
    return ask_count(database, "SELECT count(*) FROM pg_catalog.pg_largeobject_metadata", where_,
                     context);
  }

  TableName where_;
  std::uint64_t min_;
};

}  // namespace

extern const CheckKind large_objects_check;
constinit const CheckKind large_objects_check{
    "large_objects", "PostgreSQL: the restored database holds so many large objects", "min = 1000",
    false, [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<LargeObjects>(options);
    }};

}  // namespace backproof
