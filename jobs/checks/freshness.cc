// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "checks/asking.h"
#include "db/times.h"

namespace backproof {
namespace {

// How far a clock may be wrong; and a day, because a time without a zone can be of any.
constexpr Duration tolerance = std::chrono::days(1);

class Freshness : public Check {
 public:
  explicit Freshness(Options& options)
      : table_(TableName::required(options)),
        columns_(options.strings("columns")),
        within_(options.duration("within", Duration{})) {
    if (within_ <= Duration{}) options.problem("within", "no limit is given", "within = \"2h\"");
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    CheckResult result = judge(input, context);
    result.subject = table_.table;
    return {result};
  }

 private:
  CheckResult judge(const CheckInput& input, const RunContext& context) const {
    const TimePoint made = input.run.backup.created;
    if (made == TimePoint{})
      return could_not({Cause::unproven, "it is not known when the backup was made", ""});
    const auto newest = find_newest(input.database, made, context);
    if (!newest) return could_not(newest.error());
    const std::string expected =
        "at most " + text::format_duration(within_) + " older than the backup";
    if (!*newest) return answered(false, "no time in it", expected);
    const Duration age = std::max(Duration{}, made - **newest);
    return answered(age <= within_,
                    text::format_duration(std::chrono::floor<std::chrono::seconds>(age)) +
                        " older than the backup",
                    expected);
  }

  // The newest time in any of the columns; times in the future, as of what expires, are none.
  Result<std::optional<TimePoint>> find_newest(Database& database, TimePoint made,
                                               const RunContext& context) const {
    TRY_ASSIGN(const FoundTable table, find_table(database, table_, context));
    std::vector<std::string> names = columns_;
    if (names.empty())
      for (const FoundColumn& column : table.columns)
        if (is_time_column(database.dialect(), column.name, column.type))
          names.push_back(column.name);
    if (names.empty())
      return Error{
          Cause::unproven,
          "table " + text::printable(table.shown, 128) + " has no column that looks like a time",
          "name it: columns = [\"created_at\"]"};
    TRY_ASSIGN(const auto columns, quoted_columns(table, names));
    const auto limit = std::chrono::floor<std::chrono::seconds>(made + tolerance);
    const std::string latest = std::to_string(limit.time_since_epoch().count());
    std::string sql = "SELECT";
    for (const std::string& column : columns) {
      const std::string seconds = epoch_sql(database.dialect(), column);
      sql += std::string(sql == "SELECT" ? "" : ",") + " max(CASE WHEN " + seconds +
             " <= " + latest + " THEN " + seconds + " END)";
    }
    TRY_ASSIGN(const auto row, ask_row(database, sql + " FROM " + table.sql, table_, context));
    std::optional<TimePoint> newest;
    for (const Field& cell : row)
      if (const auto time = time_of_epoch(cell)) newest = std::max(newest.value_or(*time), *time);
    return newest;
  }

  TableName table_;
  std::vector<std::string> columns_;
  Duration within_;
};

}  // namespace

extern const CheckKind freshness_check;
constinit const CheckKind freshness_check{
    "freshness",
    "the newest time in a table is not much older than the backup: it is no copy of a replica that "
    "stopped; without columns, those that look like times",
    "table = \"orders\"\ncolumns = [\"created_at\"]\nwithin = \"2h\"", false,
    [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<Freshness>(options);
    }};

}  // namespace backproof
