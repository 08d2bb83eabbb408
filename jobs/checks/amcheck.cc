// SPDX-License-Identifier: Apache-2.0
#include "checks/check.h"

namespace backproof {
namespace {

// The integrity examination runs amcheck by itself on databases up to a size; this demands it.
class Amcheck : public Check {
 public:
  std::vector<CheckResult> run(const CheckInput& input, const RunContext& context) const override {
    const auto& integrity = input.database.self_check(context).integrity;
    if (!integrity) return {could_not(integrity.error())};
    if (integrity->how.find("amcheck") == std::string::npos)
      return {could_not({Cause::missing_tool, "amcheck did not run",
                         "install it (postgresql-contrib), and raise engine_options.amcheck_up_to "
                         "above the size of the database"})};
    return {nothing_found(integrity, "finding", Cause::damaged)};
  }
};

}  // namespace

extern const CheckKind amcheck_check;
constinit const CheckKind amcheck_check{
    "amcheck",
    "PostgreSQL: amcheck compared every B-tree index with its table; inconclusive where it did not "
    "run",
    "", false, [](Options&) -> std::unique_ptr<Check> { return std::make_unique<Amcheck>(); }};

}  // namespace backproof
