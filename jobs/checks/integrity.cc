// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "checks/check.h"

namespace backproof {
namespace {

class Integrity : public Check {
 public:
  std::vector<CheckResult> run(Database& database, const RunContext& context) const override {
    const Result<Examined>& integrity = database.self_check(context).integrity;
    if (!integrity) return {could_not(integrity.error())};
    const std::uint64_t count = integrity->findings.size() + integrity->more;
    CheckResult result = answered(count == 0, text::plural(count, "finding"), "0 findings");
    // Damaged pages are damage, not a disagreement about content.
    if (count > 0) result.cause = Cause::damaged;
    result.detail = count > 0 ? integrity->findings.front() : "by " + integrity->how;
    for (std::size_t i = 1; i < integrity->findings.size(); ++i)
      result.detail += "\n" + integrity->findings[i];
    return {result};
  }
};

}  // namespace

extern const CheckKind integrity_check;
constinit const CheckKind integrity_check{
    "integrity", "every page, record and index entry of the restored database is in order", "",
    true, [](Options&) -> std::unique_ptr<Check> { return std::make_unique<Integrity>(); }};

}  // namespace backproof
