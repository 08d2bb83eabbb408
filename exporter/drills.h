// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "drill/drill.h"
#include "exporter/config.h"

namespace backproof {

// The real workers, whose verifications of backups are recorded as runs.
drill::Tools drill_tools(const Config& config, HistoryStore& history, const Clock& clock);

// A drill from beginning to end, recorded as it begins and as it ends. An Error: it may not be
// drilled, or its beginning cannot be recorded; then nothing was done.
Result<Drill> run_recorded_drill(const drill::Order& order, const Config& config,
                                 HistoryStore& history, const Clock& clock,
                                 const std::stop_token& stop);

}  // namespace backproof
