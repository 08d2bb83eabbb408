// SPDX-License-Identifier: Apache-2.0
#include "exporter/scheduled_drill.h"

#include "base/log.h"
#include "base/text.h"
#include "exporter/drills.h"

namespace backproof {
namespace {

void log_end(const Drill& drill) {
  const auto lost = data_loss_of(drill);
  const log::Fields fields{{"target", drill.target},
                           {"drill", drill.id},
                           {"result", std::string(name_of(drill.result))},
                           {"reason", drill.reason},
                           {"recovery", text::format_duration(drill.recovery)},
                           {"data_loss", lost ? text::format_duration(*lost) : "not known"},
                           {"took", text::format_duration(drill.took)}};
  if (drill.result == Verdict::passed)
    log::info("drill passed", fields);
  else
    log::warn("drill did not pass", fields);
}

}  // namespace

void run_scheduled_drill(const Target& target, const std::stop_token& stop, const Config& config,
                         HistoryStore& history, const Clock& clock) {
  drill::Order order;
  order.target = target;
  order.trigger = "schedule";
  log::info("drill starts", {{"target", target.name}});
  const auto drill = run_recorded_drill(order, config, history, clock, stop);
  if (drill)
    log_end(*drill);
  else
    log::error("a drill could not be done",
               {{"target", target.name}, {"error", drill.error().str()}});
}

}  // namespace backproof
