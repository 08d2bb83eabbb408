// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/target.h"

namespace backproof::drill {

// The keys of a drill's two rows.
struct CanaryKeys {
  std::string before, after;
};
CanaryKeys canary_keys(const std::string& drill_id);

// Adds the row `key` to the canary's table: the only thing that a drill writes to a live database.
// Blocks for at most a minute. An Error says what kept it; no value of a row is in it.
Result<void> write_canary(const CanarySpec& canary, const std::string& key, TimePoint now);

// The checks that a restored database answers: the first row is there, the second is not.
std::vector<Spec> canary_checks(const CanarySpec& canary, const CanaryKeys& keys);
// Whether it is one of these.
bool is_canary_check(const CheckResult& result);
// Whether it is the first of them.
bool is_first_canary_check(const CheckResult& result);

}  // namespace backproof::drill
