// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

bool is_same(const Field& cell, const std::string& text) {
  // PostgreSQL writes booleans as t and f, SQLite as 1 and 0.
  if (!cell) return text == "NULL";
  if (text == "true") return *cell == "t" || *cell == "1" || *cell == "true";
  if (text == "false") return *cell == "f" || *cell == "0" || *cell == "false";
  return *cell == text;
}

std::optional<std::int64_t> number_of(const Field& cell) {
  std::int64_t number = 0;
  if (!cell) return std::nullopt;
  const auto [end, error] = std::from_chars(cell->data(), cell->data() + cell->size(), number);
  if (error != std::errc() || end != cell->data() + cell->size()) return std::nullopt;
  return number;
}

// Numbers are counts and sums, which may be shown; text may be anybody's name.
std::string shown(const Field& cell) {
  if (!cell) return "NULL";
  return number_of(cell) ? *cell : "a text of " + text::plural(cell->size(), "byte");
}

class Sql : public Check {
  static constexpr std::size_t most_rows = 10000;

 public:
  explicit Sql(Options& options)
      : where_(TableName::database_only(options)),
        name_(options.string("name", "")),
        query_(options.required_string("query")),
        expect_(options.text("expect")),
        has_rows_(options.has("rows")),
        rows_(options.rows("rows")) {
    if (options.has("min")) min_ = options.integer("min", 0, INT64_MIN, INT64_MAX);
    if (options.has("max")) max_ = options.integer("max", 0, INT64_MIN, INT64_MAX);
    const int ways = int{expect_.has_value()} + int{has_rows_} + int{min_ || max_};
    if (ways != 1)
      options.problem(
          "",
          ways == 0 ? "a query without an expectation proves nothing" : "more than one expectation",
          "give one of: expect = 0, min and max, rows = [[\"eu\", 3]]");
    if (min_ && max_ && *max_ < *min_) options.problem("max", "max is less than min");
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto answer =
        input.database.ask({query_, where_.database, where_.timeout, most_rows, true}, context);
    CheckResult result = !answer     ? could_not(answer.error())
                         : has_rows_ ? judge_rows(*answer)
                                     : judge_value(*answer);
    result.subject = name_.empty() ? text::printable(query_, 80) : name_;
    return {result};
  }

 private:
  CheckResult judge_rows(const Answer& answer) const {
    std::size_t same = 0;
    for (std::size_t i = 0; i < std::min(answer.size(), rows_.size()); ++i)
      same +=
          std::size_t{answer[i].size() == rows_[i].size() &&
                      std::equal(answer[i].begin(), answer[i].end(), rows_[i].begin(), is_same)};
    const bool all = same == rows_.size() && answer.size() == rows_.size();
    return answered(
        all, text::plural(answer.size(), "row") + ", " + text::format_count(same) + " as expected",
        text::plural(rows_.size(), "row"));
  }

  CheckResult judge_value(const Answer& answer) const {
    if (answer.size() != 1 || answer.front().size() != 1)
      return could_not(
          {Cause::internal,
           "the query gives " + text::plural(answer.size(), "row") +
               (answer.empty() ? "" : " of " + text::plural(answer.front().size(), "column")),
           "ask for exactly one value, or expect rows"});
    const Field& cell = answer.front().front();
    if (expect_) return answered(is_same(cell, *expect_), shown(cell), shown(*expect_));
    const auto number = number_of(cell);
    const std::string expected = min_ && max_
                                     ? std::to_string(*min_) + " to " + std::to_string(*max_)
                                 : min_ ? "at least " + std::to_string(*min_)
                                        : "at most " + std::to_string(*max_);
    return answered(number && (!min_ || *number >= *min_) && (!max_ || *number <= *max_),
                    shown(cell), expected);
  }

  TableName where_;
  std::string name_, query_;
  std::optional<std::string> expect_;
  bool has_rows_;
  std::vector<std::vector<std::string>> rows_;
  std::optional<std::int64_t> min_, max_;
};

}  // namespace

extern const CheckKind sql_check;
constinit const CheckKind sql_check{
    "sql",
    "a query of yours gives what is expected: one value (expect), a number from min to max, or "
    "rows",
    "name = \"no order without a customer\"\n"
    "query = \"SELECT count(*) FROM orders WHERE customer_id IS NULL\"\nexpect = 0",
    false,
    [](Options& options) -> std::unique_ptr<Check> { return std::make_unique<Sql>(options); }};

}  // namespace backproof
