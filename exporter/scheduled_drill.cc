// SPDX-License-Identifier: Apache-2.0
#include "exporter/scheduled_drill.h"

#include "base/log.h"

namespace backproof {

void run_scheduled_drill(const Target& target, const std::stop_token& /*stop*/,
                         const Config& /*config*/, HistoryStore& /*history*/,
                         const Clock& /*clock*/) {
  log::warn("a drill is due, and this program cannot do it yet", {{"target", target.name}});
}

}  // namespace backproof
