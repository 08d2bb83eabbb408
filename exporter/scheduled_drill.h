// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "exporter/config.h"

namespace backproof {

// A target's drill by its schedule, logged, and kept in the history beside the target's runs.
void run_scheduled_drill(const Target& target, const std::stop_token& stop, const Config& config,
                         HistoryStore& history, const Clock& clock);

}  // namespace backproof
