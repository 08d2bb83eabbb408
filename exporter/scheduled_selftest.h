// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "exporter/config.h"

namespace backproof {

// A target's self-test by its schedule, logged, and recorded beside the runs of the target, of
// which it is none.
void run_scheduled_selftest(const Target& target, const std::stop_token& stop, const Config& config,
                            HistoryStore& history, const Clock& clock);

}  // namespace backproof
