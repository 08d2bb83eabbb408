// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "checks/asking.h"
#include "db/content.h"

namespace backproof {
namespace {

// The lines of a reference file, sorted; empty ones and comments are none.
std::vector<std::string> lines_of(const std::string& content) {
  std::vector<std::string> lines;
  for (const std::string_view line : text::split(content, '\n'))
    if (!text::trim(line).empty() && !line.starts_with('#')) lines.emplace_back(text::trim(line));
  std::sort(lines.begin(), lines.end());
  return lines;
}

class SchemaCheck : public Check {
 public:
  explicit SchemaCheck(Options& options)
      : database_(options.string("database", "")), ignored_(options.strings("ignore")) {
    const std::string file = options.required_string("reference");
    if (file.empty()) return;
    const auto content = read_file(file);
    if (!content)
      options.passing_problem("reference", content.error().text, "backproof schema writes one");
    else
      reference_ = lines_of(*content);
    if (content && reference_.empty())
      options.problem("reference", "describes nothing", "backproof schema writes one");
  }

  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto schema = read_schema(input.database.dialect(), [&](Question question) {
      question.database = database_;
      return input.database.ask(question, context);
    });
    if (!schema) return {could_not(schema.error())};
    std::vector<std::string> lines = schema_difference(reference_, *schema);
    std::erase_if(lines, [&](const std::string& line) { return is_ignored(line); });
    CheckResult result =
        answered(lines.empty(), text::plural(lines.size(), "difference"), "0 differences");
    if (lines.empty()) {
      result.detail = text::plural(reference_.size(), "object") + " as in the reference";
      return {result};
    }
    constexpr std::size_t most_named = 20;
    const std::size_t more = lines.size() - std::min(lines.size(), most_named);
    lines.resize(lines.size() - more);
    for (std::string& line : lines) line = text::printable(line);
    result.detail = text::join(lines, "; ");
    if (more != 0) result.detail += "; and " + text::format_count(more) + " more";
    return {result};
  }

 private:
  // Behind the sign and the blank.
  bool is_ignored(const std::string& line) const {
    return std::ranges::any_of(ignored_, [&](const std::string& beginning) {
      return std::string_view(line).substr(2).starts_with(beginning);
    });
  }

  std::string database_;
  std::vector<std::string> ignored_, reference_;
};

}  // namespace

extern const CheckKind schema_check;
constinit const CheckKind schema_check{
    "schema",
    "the schema is the one of a reference file, which backproof schema writes: \"-\" lines are "
    "missing, \"+\" lines were not expected; ignore takes beginnings of lines",
    "reference = \"crm.schema\"\nignore = [\"index public.tmp_\"]", false,
    [](Options& options) -> std::unique_ptr<Check> {
      return std::make_unique<SchemaCheck>(options);
    }};

}  // namespace backproof
