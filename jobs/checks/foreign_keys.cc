// SPDX-License-Identifier: Apache-2.0
#include "checks/check.h"

namespace backproof {
namespace {

class ForeignKeys : public Check {
 public:
  std::vector<CheckResult> run(Database& database, const RunContext& context) const override {
    return {nothing_found(database.self_check(context).foreign_keys, "violated constraint")};
  }
};

}  // namespace

extern const CheckKind foreign_keys_check;
constinit const CheckKind foreign_keys_check{
    "foreign_keys", "every row that refers to a parent row has one, for every declared foreign key",
    "on_failure = \"warn\"", true,
    [](Options&) -> std::unique_ptr<Check> { return std::make_unique<ForeignKeys>(); }};

}  // namespace backproof
