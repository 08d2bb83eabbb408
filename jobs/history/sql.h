// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "history/history.h"

// The questions that are asked often, or of many runs. Each must be answered from an index and in
// its order, however long the history is; a test holds their query plans to that.
namespace backproof::history {

inline constexpr std::string_view last_run_sql =
    "SELECT document FROM runs WHERE target = ?1 AND verdict IS NOT NULL "
    "ORDER BY started DESC, id DESC LIMIT 1";
inline constexpr std::string_view last_passed_sql =
    "SELECT document FROM runs WHERE target = ?1 AND verdict = 'passed' "
    "ORDER BY started DESC, id DESC LIMIT 1";
inline constexpr std::string_view last_restored_sql =
    "SELECT document FROM runs WHERE target = ?1 AND restored = 1 "
    "ORDER BY started DESC, id DESC LIMIT 1";
inline constexpr std::string_view failures_since_sql =
    "SELECT count(*) FROM runs WHERE target = ?1 AND verdict IS NOT NULL "
    "AND (started, id) > (?2, ?3)";
inline constexpr std::string_view unfinished_sql =
    "SELECT id, document, owner_pid, owner_start, owner_boot FROM runs WHERE verdict IS NULL";

// ?1 target and ?2 verdict where they are asked for, ?3 limit.
std::string list_sql(const RunQuery& query);

// A run may go when a newer one of its target stands for everything that it stands for: as the
// last run, the last that passed, the last that restored. `since_pass` says that no later pass
// makes it irrelevant to the count of consecutive failures. ?1 verdict, ?2 time, ?3 limit.
inline constexpr std::string_view prunable_sql = R"sql(
  SELECT old.id, old.target,
         NOT EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                     AND new.verdict = 'passed'
                     AND (new.started, new.id) >= (old.started, old.id)) AS since_pass
  FROM runs AS old
  WHERE old.verdict = ?1 AND old.started < ?2
    AND EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                AND new.verdict IS NOT NULL AND (new.started, new.id) > (old.started, old.id))
    AND (old.verdict <> 'passed'
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.verdict = 'passed' AND (new.started, new.id) > (old.started, old.id)))
    AND (old.restored = 0
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.restored = 1 AND (new.started, new.id) > (old.started, old.id)))
  ORDER BY old.started, old.id
  LIMIT ?3)sql";

}  // namespace backproof::history
