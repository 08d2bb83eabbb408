// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <compare>

#include "base/text.h"
#include "checks/asking.h"

namespace backproof {
namespace {

// Whole or not, as SQL writes it: a sum of SQLite's is 6.0, one of PostgreSQL's numeric 12.50.
bool is_number(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error != std::errc::invalid_argument && end == text.data() + text.size() &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

// How a number stands to a whole one; unordered where it is none. Digits are compared as they are,
// because a double does not hold every count.
std::partial_ordering compare(std::string_view text, std::int64_t with) {
  if (!is_number(text)) return std::partial_ordering::unordered;
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc() && rest.find_first_of("eE") == std::string_view::npos) {
    if (whole != with) return whole <=> with;
    if (rest.find_first_of("123456789") == std::string_view::npos)
      return std::partial_ordering::equivalent;
    return text.front() == '-' ? std::partial_ordering::less : std::partial_ordering::greater;
  }
  double number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
    return std::partial_ordering::unordered;
  return number <=> static_cast<double>(with);
}

bool is_same(const Field& cell, const PlainValue& expected) {
  // PostgreSQL writes booleans as t and f, SQLite as 1 and 0.
  if (!cell) return expected.text == "NULL";
  if (expected.text == "true") return *cell == "t" || *cell == "1" || *cell == "true";
  if (expected.text == "false") return *cell == "f" || *cell == "0" || *cell == "false";
  if (expected.kind != PlainValue::Kind::number) return *cell == expected.text;
  std::int64_t number = 0;
  std::from_chars(expected.text.data(), expected.text.data() + expected.text.size(), number);
  return compare(*cell, number) == 0;
}

// Numbers are counts and sums, which may be shown; text may be anybody's name.
std::string shown(const Field& cell) {
  constexpr std::size_t longest = 40;
  if (!cell) return "NULL";
  if (is_number(*cell) && cell->size() <= longest) return *cell;
  return "a text of " + text::plural(cell->size(), "byte");
}

std::string shown(const PlainValue& expected) {
  return expected.kind == PlainValue::Kind::truth || expected.text == "NULL"
             ? expected.text
             : shown(Field(expected.text));
}

class Sql : public Check {
  static constexpr std::size_t most_rows = 10000;

 public:
  explicit Sql(Options& options)
      : where_(TableName::database_only(options)),
        name_(options.string("name", "")),
        query_(options.required_string("query")),
        expect_(options.plain("expect")),
        has_rows_(options.has("rows")),
        rows_(options.rows("rows")) {
    if (options.has("min")) min_ = options.integer("min", 0, INT64_MIN, INT64_MAX);
    if (options.has("max")) max_ = options.integer("max", 0, INT64_MIN, INT64_MAX);
    const int ways = int{options.has("expect")} + int{has_rows_} + int{min_ || max_};
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
    const std::string expected = min_ && max_
                                     ? std::to_string(*min_) + " to " + std::to_string(*max_)
                                 : min_ ? "at least " + std::to_string(*min_)
                                        : "at most " + std::to_string(*max_);
    const bool is_within = (!min_ || (cell && compare(*cell, *min_) >= 0)) &&
                           (!max_ || (cell && compare(*cell, *max_) <= 0));
    return answered(is_within, shown(cell), expected);
  }

  TableName where_;
  std::string name_, query_;
  std::optional<PlainValue> expect_;
  bool has_rows_;
  std::vector<std::vector<PlainValue>> rows_;
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
