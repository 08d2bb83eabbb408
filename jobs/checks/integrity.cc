// SPDX-License-Identifier: Apache-2.0
#include "checks/check.h"

namespace backproof {
namespace {

class Integrity : public Check {
 public:
  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    // Damaged pages are damage, not a disagreement about content.
    return {nothing_found(input.database.self_check(context).integrity, "finding", Cause::damaged)};
  }
};

}  // namespace

extern const CheckKind integrity_check;
constinit const CheckKind integrity_check{
    "integrity", "every page, record and index entry of the restored database is in order", "",
    true, [](Options&) -> std::unique_ptr<Check> { return std::make_unique<Integrity>(); }};

}  // namespace backproof
