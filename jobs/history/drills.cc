// SPDX-License-Identifier: Apache-2.0
#include "history/drills.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "history/errors.h"
#include "history/history.h"
#include "history/prefix.h"
#include "history/records.h"
#include "history/sql.h"
#include "history/totals.h"

namespace backproof {
namespace {

constexpr std::int64_t most_kept = 100;

Result<void> insert_unfinished(sqlite::Connection& db, const Drill& drill, std::string_view owner) {
  TRY_ASSIGN(auto row, db.prepare("INSERT INTO drills (id, target, started, owner, document) "
                                  "VALUES (?1, ?2, ?3, ?4, ?5)"));
  row.bind(1, std::string_view(drill.id)).bind(2, std::string_view(drill.target));
  row.bind(3, history::microseconds(drill.started)).bind(4, owner);
  row.bind(5, std::string_view(to_json(drill)));
  TRY(row.step());
  return {};
}

// Takes the place of the row that was begun, and of one that was closed in its owner's absence.
// False: it was finished before, and nothing changed.
Result<bool> complete(sqlite::Connection& db, const Drill& drill) {
  TRY_ASSIGN(auto make_way, db.prepare("DELETE FROM drills WHERE id = ?1 AND "
                                       "(result IS NULL OR owner IS NOT NULL)"));
  make_way.bind(1, std::string_view(drill.id));
  TRY(make_way.step());
  TRY_ASSIGN(auto row, db.prepare("INSERT INTO drills (id, target, started, ended, result, "
                                  "document) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
                                  "ON CONFLICT (id) DO NOTHING"));
  row.bind(1, std::string_view(drill.id)).bind(2, std::string_view(drill.target));
  row.bind(3, history::microseconds(drill.started));
  row.bind(4, history::microseconds(end_of(drill))).bind(5, name_of(drill.result));
  row.bind(6, std::string_view(to_json(drill)));
  TRY(row.step());
  return db.last_changes() > 0;
}

// Keeps its number and its owner, so that complete() can still replace it.
Result<void> close_row(sqlite::Connection& db, const Drill& drill) {
  TRY_ASSIGN(auto row, db.prepare("UPDATE drills SET document = ?2, ended = ?3, result = ?4 "
                                  "WHERE id = ?1 AND result IS NULL"));
  row.bind(1, std::string_view(drill.id)).bind(2, std::string_view(to_json(drill)));
  row.bind(3, history::microseconds(end_of(drill))).bind(4, name_of(drill.result));
  TRY(row.step());
  return {};
}

// The last answer stays, however many could not be done after it.
Result<void> forget_old(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto old, db.prepare("DELETE FROM drills WHERE target = ?1 AND result IS NOT NULL "
                                  "AND seq NOT IN (SELECT seq FROM drills WHERE target = ?1 "
                                  " AND result IS NOT NULL ORDER BY seq DESC LIMIT ?2) AND seq <> "
                                  "(SELECT coalesce(max(seq), 0) FROM drills "
                                  " WHERE target = ?1 AND result <> 'inconclusive')"));
  old.bind(1, std::string_view(target)).bind(2, most_kept);
  TRY(old.step());
  return {};
}

// The begun drill as far as it is known. Its process wrote no result, so none is derived from it.
Result<Drill> interrupted(std::string_view document) {
  TRY_ASSIGN(Drill drill, history::understood(drill_from_json(document)));
  drill.finished = true;
  drill.cause = DrillCause::interrupted;
  drill.result = verdict_of(*drill.cause);
  drill.reason = "its process ended before the drill did";
  drill.hint = "it says nothing about the recovery; drill again";
  return drill;
}

Result<std::vector<Drill>> drills_in(sqlite::Statement& rows) {
  std::vector<Drill> drills;
  while (true) {
    TRY_ASSIGN(const bool there, rows.step());
    if (!there) return drills;
    TRY_ASSIGN(drills.emplace_back(), history::understood(drill_from_json(rows.text(0))));
  }
}

Result<std::optional<Drill>> one(sqlite::Connection& db, std::string_view sql,
                                 const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare(sql));
  row.bind(1, std::string_view(target));
  TRY_ASSIGN(std::vector<Drill> drills, drills_in(row));
  if (drills.empty()) return std::optional<Drill>();
  return std::optional<Drill>(std::move(drills.front()));
}

struct Unfinished {
  std::string document, owner;
};

Result<std::vector<Unfinished>> unfinished_drills(sqlite::Connection& db) {
  TRY_ASSIGN(auto rows, db.prepare(history::unfinished_drills_sql));
  std::vector<Unfinished> all;
  while (true) {
    TRY_ASSIGN(const bool there, rows.step());
    if (!there) return all;
    all.push_back({std::string(rows.text(0)), std::string(rows.text(1))});
  }
}

}  // namespace

Result<std::optional<Drill>> history::last_drill(sqlite::Connection& db,
                                                 const std::string& target) {
  return one(db, last_drill_sql, target);
}

Result<std::optional<Drill>> history::last_drill_ended(sqlite::Connection& db,
                                                       const std::string& target) {
  return one(db, last_drill_ended_sql, target);
}

Result<TimePoint> history::drill_since(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare("SELECT coalesce(drill_since, 0) FROM targets WHERE name = ?1"));
  row.bind(1, std::string_view(target));
  TRY_ASSIGN(const bool there, row.step());
  return there ? TimePoint{Duration{row.integer(0)}} : TimePoint{};
}

Result<std::uint64_t> history::close_drills(
    sqlite::Connection& db, const std::function<bool(std::string_view owner)>& is_gone) {
  TRY_ASSIGN(const std::vector<Unfinished> left, unfinished_drills(db));
  std::uint64_t closed = 0;
  for (const Unfinished& row : left) {
    if (!is_gone(row.owner)) continue;
    TRY_ASSIGN(const Drill drill, interrupted(row.document));
    TRY(close_row(db, drill));
    TRY(raise_totals(db, drill.target, totals_of(drill)));
    TRY(forget_old(db, drill.target));
    ++closed;
  }
  return closed;
}

Result<void> HistoryStore::drills_scheduled(const std::string& target, bool scheduled,
                                            TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    // Every reload says so of every target: what is known is only read. A later time than now is
    // of a clock that was ahead.
    TRY_ASSIGN(const TimePoint since, history::drill_since(db_, target));
    if (scheduled ? since != TimePoint{} && since <= now : since == TimePoint{}) return {};
    TRY_ASSIGN(auto change, db_.prepare("UPDATE targets SET drill_since = ?2 WHERE name = ?1"));
    change.bind(1, std::string_view(target));
    if (scheduled)
      change.bind(2, history::microseconds(now));
    else
      change.bind_null(2);
    TRY(change.step());
    return {};
  });
}

Result<void> HistoryStore::begin(const Drill& drill) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY(be_owner());
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(insert_unfinished(db_, drill, owner_->id()));
    return transaction.commit();
  });
}

Result<void> HistoryStore::finish(const Drill& drill) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    Drill done = drill;
    done.finished = true;
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY_ASSIGN(const bool changed, complete(db_, done));
    if (!changed) return {};
    TRY(history::raise_totals(db_, done.target, history::totals_of(done)));
    TRY(forget_old(db_, done.target));
    return transaction.commit();
  });
}

Result<std::vector<Drill>> HistoryStore::drills_of(const std::string& target,
                                                   std::uint64_t limit) const {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<std::vector<Drill>> {
    TRY_ASSIGN(auto rows, db_.prepare(history::drills_of_sql));
    rows.bind(1, std::string_view(target));
    rows.bind(2, static_cast<std::int64_t>(std::min(limit, most)));
    return drills_in(rows);
  });
}

Result<std::optional<Drill>> HistoryStore::find_drill(const std::string& id) const {
  if (id.empty()) return std::optional<Drill>();
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const history::Matches found,
             history::told([&] { return history::beginning_with(db_, "drills", id); }));
  TRY(history::at_most_one(found, "drills", id));
  if (found.rows == 0) return std::optional<Drill>();
  return history::told([&]() -> Result<std::optional<Drill>> {
    TRY_ASSIGN(Drill drill, history::understood(drill_from_json(found.first)));
    return std::optional<Drill>(std::move(drill));
  });
}

}  // namespace backproof
