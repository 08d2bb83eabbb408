// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "model/json_values.h"
#include "model/run.h"

// The written form of a run's log, as a value.
namespace backproof {

Json log_json(const std::vector<LogLine>& log);
// Throws what is no log. Lines of older versions have only time and text.
std::vector<LogLine> log_from(const Read& json);

}  // namespace backproof
