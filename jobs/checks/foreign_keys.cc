// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/check.h"

namespace backproof {
namespace {

class ForeignKeys : public Check {
 public:
  std::vector<CheckResult> run(Database& database, const RunContext& context) const override {
    const Result<Examined>& keys = database.self_check(context).foreign_keys;
    if (!keys) return {could_not(keys.error())};
    const std::uint64_t count = keys->findings.size() + keys->more;
    CheckResult result =
        answered(count == 0, text::plural(count, "violated constraint"), "0 violated constraints");
    result.detail = count > 0 ? keys->findings.front() : "by " + keys->how;
    for (std::size_t i = 1; i < keys->findings.size(); ++i)
      result.detail += "\n" + keys->findings[i];
    return {result};
  }
};

}  // namespace

extern const CheckKind foreign_keys_check;
constinit const CheckKind foreign_keys_check{
    "foreign_keys", "every row that refers to a parent row has one, for every declared foreign key",
    "on_failure = \"warn\"", true,
    [](Options&) -> std::unique_ptr<Check> { return std::make_unique<ForeignKeys>(); }};

}  // namespace backproof
