// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "history/history.h"

// The questions that are asked often, or of many runs. Each must be answered from an index and in
// its order, however long the history is; a test holds their query plans to that.
//
// "Last" is the last that was recorded, whatever its times say: a run of a day on which the clock
// was a year ahead must not hide what came after it. Of two overlapping runs of a target the later
// result counts, because that is what is known last.
namespace backproof::history {

inline constexpr std::string_view last_run_sql =
    "SELECT document FROM runs WHERE target = ?1 AND verdict IS NOT NULL ORDER BY seq DESC LIMIT 1";
// Of each backup the last run, where that could not tell: of an earlier one, `tried` is later.
inline constexpr std::string_view untold_sql =
    "SELECT document FROM runs JOIN backups ON backups.target = runs.target AND"
    " backups.id = json_extract(document, '$.backup.id') AND backups.tried = runs.ended"
    " WHERE runs.verdict = 'inconclusive' AND runs.ended >= ?1 ORDER BY runs.ended DESC LIMIT ?2";
inline constexpr std::string_view last_passed_sql =
    "SELECT document FROM runs WHERE target = ?1 AND verdict = 'passed' ORDER BY seq DESC LIMIT 1";
// Only of what was the newest backup at its time: `restored` says both. A policy that goes back to
// an older and smaller one must not look like a loss.
inline constexpr std::string_view last_restored_sql =
    "SELECT document FROM runs WHERE target = ?1 AND restored = 1 ORDER BY seq DESC LIMIT 1";
inline constexpr std::string_view failures_since_sql = R"sql(
  SELECT count(*) FROM runs WHERE target = ?1 AND verdict IS NOT NULL
  AND seq > coalesce((SELECT max(passed.seq) FROM runs AS passed
                      WHERE passed.target = ?1 AND passed.verdict = 'passed'), 0))sql";
inline constexpr std::string_view failed_since_sql = R"sql(
  SELECT EXISTS (SELECT 1 FROM runs WHERE target = ?1 AND verdict = 'failed'
  AND seq > coalesce((SELECT max(passed.seq) FROM runs AS passed
                      WHERE passed.target = ?1 AND passed.verdict = 'passed'), 0)))sql";
inline constexpr std::string_view unfinished_sql =
    "SELECT document, owner FROM runs WHERE verdict IS NULL";

// Of drills, ?1 target.
inline constexpr std::string_view last_drill_sql =
    "SELECT document FROM drills WHERE target = ?1 AND result <> 'inconclusive' "
    "ORDER BY seq DESC LIMIT 1";
inline constexpr std::string_view last_drill_ended_sql =
    "SELECT document FROM drills WHERE target = ?1 AND result IS NOT NULL "
    "ORDER BY seq DESC LIMIT 1";
inline constexpr std::string_view drills_of_sql =
    "SELECT document FROM drills WHERE target = ?1 ORDER BY seq DESC LIMIT ?2";
inline constexpr std::string_view unfinished_drills_sql =
    "SELECT document, owner FROM drills WHERE result IS NULL";

// ?1 target and ?2 verdict where they are asked for, ?3 limit.
std::string list_sql(const RunQuery& query);

// A run may go when a later one of its target stands for everything that it stands for: as the
// last run, the last that passed, the last that restored, the last that proved a backup good or
// bad. `since_pass` says that no later pass
// makes it irrelevant to the count of consecutive failures. ?1 verdict, ?2 time before which it
// ended, ?3 limit.
inline constexpr std::string_view prunable_sql = R"sql(
  SELECT old.seq, old.target,
         NOT EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                     AND new.verdict = 'passed' AND new.seq >= old.seq) AS since_pass
  FROM runs AS old
  WHERE old.verdict = ?1 AND old.ended < ?2
    AND EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                AND new.verdict IS NOT NULL AND new.seq > old.seq)
    AND (old.verdict <> 'passed'
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.verdict = 'passed' AND new.seq > old.seq))
    AND (old.verdict <> 'failed'
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.verdict = 'failed' AND new.seq > old.seq)
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.verdict = 'passed' AND new.seq > old.seq))
    AND (old.restored = 0
         OR EXISTS (SELECT 1 FROM runs AS new WHERE new.target = old.target
                    AND new.restored = 1 AND new.seq > old.seq))
  ORDER BY old.ended, old.seq
  LIMIT ?3)sql";

// Logs that may go; that of the last run of a target that did not pass stays. ?1 limit, and ?2 time
// before which the run ended, or ?2 target and ?3 how many of it may stay.
#define KEPT_LOG                                                       \
  " AND seq <> max(coalesce((SELECT max(bad.seq) FROM runs AS bad "    \
  "   WHERE bad.target = old.target AND bad.verdict = 'failed'), 0), " \
  "  coalesce((SELECT max(bad.seq) FROM runs AS bad "                  \
  "   WHERE bad.target = old.target AND bad.verdict = 'inconclusive'), 0)) LIMIT ?1"
inline constexpr std::string_view old_logs_sql =
    "SELECT seq FROM runs AS old WHERE log IS NOT NULL AND ended < ?2" KEPT_LOG;
inline constexpr std::string_view surplus_logs_sql =
    "SELECT seq FROM runs AS old WHERE log IS NOT NULL AND target = ?2 AND seq <= "
    "(SELECT seq FROM runs WHERE target = ?2 AND log IS NOT NULL "
    " ORDER BY seq DESC LIMIT 1 OFFSET ?3)" KEPT_LOG;
#undef KEPT_LOG
inline constexpr std::string_view logged_targets_sql =
    "SELECT DISTINCT target FROM runs WHERE log IS NOT NULL";

// A run that ended in the future was recorded by a wrong clock, or the clock is wrong now. It is
// given the end of the first run recorded after it whose age is beyond doubt: one that is old
// already. Not sooner, because a clock that fell back to 1970 would make every run one of the
// future. The document keeps what was said. ?1 verdict, ?2 now, ?3 what ended before it is old.
inline constexpr std::string_view redate_sql = R"sql(
  UPDATE runs SET ended = (
    SELECT min(new.ended) FROM runs AS new
    WHERE new.target = runs.target AND new.verdict IS NOT NULL AND new.seq > runs.seq)
  WHERE verdict = ?1 AND ended > ?2
    AND EXISTS (SELECT 1 FROM runs AS new
                WHERE new.target = runs.target AND new.verdict IS NOT NULL
                AND new.seq > runs.seq AND new.ended < ?3))sql";

}  // namespace backproof::history
