// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "history/history.h"
#include "support/support.h"

// Runs as the tests of the history need them.
namespace backproof::test {

// 2026-11-23T14:00:00Z, a Monday.
inline constexpr TimePoint start =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + std::chrono::hours(14);

inline std::unique_ptr<HistoryStore> history_at(const Path& file) {
  auto store = HistoryStore::open(file);
  INFO((store ? "" : store.error().str()));
  REQUIRE(store);
  return *std::move(store);
}

inline Run run_at(TimePoint started, std::string target = "crm") {
  Run run;
  run.id = new_run_id(started);
  run.target = std::move(target);
  run.trigger = "schedule";
  run.started = started;
  run.took = std::chrono::seconds(3);
  return run;
}

inline Run passed_at(TimePoint started, std::string target = "crm") {
  Run run = run_at(started, std::move(target));
  run.backup = {"crm.db.gz", "/backups/crm.db.gz", started - std::chrono::hours(1), 1000, "ab"};
  run.stages = {{Stage::fetch, std::chrono::seconds(1), {}},
                {Stage::restore, std::chrono::milliseconds(1500), {}}};
  run.checks = {
      {"row_count", "orders", Verdict::passed, Cause::none, true, true, "5", "5", "", {}}};
  run.restored = true;
  run.restored_bytes = 4096;
  run.log = {{started, "opened crm.db.gz"}};
  conclude(run);
  run.finished = true;
  return run;
}

inline Run failed_at(TimePoint started, std::string target = "crm", Cause cause = Cause::damaged) {
  Run run = run_at(started, std::move(target));
  run.stages = {{Stage::fetch, std::chrono::seconds(2), Error{cause, "a block is bad", ""}}};
  conclude(run);
  run.finished = true;
  return run;
}

}  // namespace backproof::test
