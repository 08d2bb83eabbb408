// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>

#include "history/history.h"
#include "model/selftest.h"
#include "model/target.h"

namespace backproof {

// What a self-test is done with: the real workers, or fakes in tests.
struct SelftestTools {
  std::function<Run(const Job&, const std::stop_token&)> copy;    // copy_in_worker()
  std::function<Run(const Job&, const std::stop_token&)> verify;  // run_in_worker()
  Path scratch;  // in which the copies lie, one at a time
};
SelftestTools selftest_tools(const Path& program, const Path& scratch, const Clock& clock);

struct SelftestOrder {
  Target target;
  std::string trigger = "manual";
  std::uint64_t seed = 0;
  std::function<void(const Trial&)> tried = [](const Trial&) {};  // after each damage
};

// Damages copies of the target's newest backup that passed in every way and has each verified with
// the target's own settings and its memory of the passes of other backups. First an undamaged copy
// is verified, which must pass. Reads the history and writes nothing there: it is no run of the
// target. Blocks, for the time of 16 verifications; a stop leaves it inconclusive.
Selftest run_selftest(const SelftestOrder& order, const HistoryStore& history,
                      const SelftestTools& tools, const Clock& clock, const std::stop_token& stop);

// What a verified copy's run says of the verifier. `undamaged` is that of the undamaged copy.
Trial judged(DamageKind kind, const Run& run, const Run& undamaged, bool manifest);

}  // namespace backproof
