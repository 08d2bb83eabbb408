// SPDX-License-Identifier: Apache-2.0
#include "runner/observe.h"

#include <limits>

#include "model/start.h"
#include "runner/due.h"
#include "runner/policy.h"
#include "runner/side_schedule.h"

namespace backproof {
namespace {

void take_inventory(TargetState& state, const Plan& plan, HistoryStore& history,
                    const Looker& looker, TimePoint now) {
  std::size_t looks = std::numeric_limits<std::size_t>::max();
  auto found = survey(plan, history, looker, now, looks);
  if (!found) {
    state.inventory.error = found.error().str();
    return;
  }
  state.inventory = {now, found->backups.size(), {}, ""};
  if (!found->backups.empty()) state.inventory.newest = found->backups.front();
  const DueTime due{now, {}, state.interval, state.history.created};
  state.coverage = std::make_shared<Coverage>(
      coverage_of(plan.target.select, retained_of(found->backups, state.history.backups), due));
}

}  // namespace

Result<TargetState> observe(const Plan& plan, HistoryStore& history, const Looker& looker,
                            TimePoint now) {
  const Target& target = plan.target;
  TargetState state;
  state.target = target;
  TRY_ASSIGN(state.history, history.history_of(target.name));
  state.next_due = next_due(target, now).next;
  if (target.enabled) {
    state.interval = interval_of(target, target.schedule, now);
    state.selftest_interval = interval_of(target, target.selftest, now);
    if (target.drill) state.drill_interval = interval_of(target, target.drill->schedule, now);
  }
  state.drill_next = drill_due(state, {}, now);
  if (plan.source) take_inventory(state, plan, history, looker, now);
  return state;
}

}  // namespace backproof
