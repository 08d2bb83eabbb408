// SPDX-License-Identifier: Apache-2.0
#include "checks/check.h"

#include <algorithm>

#include "base/text.h"

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
  result.hint = error.hint;
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

CheckResult nothing_found(const Result<Examined>& examined, std::string_view noun,
                          Cause of_findings) {
  if (!examined) return could_not(examined.error());
  constexpr std::size_t most_named = 10;
  const std::uint64_t count = examined->findings.size() + examined->more;
  const std::size_t named = std::min(examined->findings.size(), most_named);
  CheckResult result = answered(count == 0, text::plural(count, noun), text::plural(0, noun));
  if (count == 0) {
    result.detail = "by " + examined->how;
    return result;
  }
  result.cause = of_findings;
  result.detail = text::join(
      {examined->findings.begin(), examined->findings.begin() + static_cast<std::ptrdiff_t>(named)},
      "; ");
  if (count > named) result.detail += "; and " + text::format_count(count - named) + " more";
  return result;
}

}  // namespace backproof
