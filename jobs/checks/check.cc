// SPDX-License-Identifier: Apache-2.0
#include "checks/check.h"

namespace backproof {

#define CHECK(name) extern const CheckKind name##_check;
#include "checks/checks.def"
#undef CHECK

std::vector<const CheckKind*> all_checks() {
  return {
#define CHECK(name) &name##_check,
#include "checks/checks.def"
#undef CHECK
  };
}

CheckResult could_not(const Error& error) {
  CheckResult result;
  result.verdict = verdict_of(error.cause);
  result.cause = error.cause;
  result.detail = error.text;
  return result;
}

CheckResult answered(bool as_expected, std::string observed, std::string expected) {
  CheckResult result;
  result.verdict = as_expected ? Verdict::passed : Verdict::failed;
  result.cause = as_expected ? Cause::none : Cause::check_failed;
  result.observed = std::move(observed);
  result.expected = std::move(expected);
  result.looked_at_data = true;
  return result;
}

}  // namespace backproof
