// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <utility>

#include "history/backups.h"
#include "history/drills.h"
#include "history/errors.h"
#include "history/history.h"
#include "history/prefix.h"
#include "history/records.h"
#include "history/selftests.h"
#include "history/sql.h"
#include "history/totals.h"
#include "model/run_json.h"

namespace backproof {
namespace {

// Several questions answered from one state, whatever other processes write meanwhile.
class View {
 public:
  static Result<View> begin(sqlite::Connection& db) {
    TRY(db.run("BEGIN"));
    return View(&db);
  }
  View(View&& other) noexcept : db_(std::exchange(other.db_, nullptr)) {}
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  View& operator=(View&&) = delete;
  ~View() {
    if (db_ != nullptr) std::ignore = db_->run("ROLLBACK");
  }

 private:
  explicit View(sqlite::Connection* db) : db_(db) {}
  sqlite::Connection* db_;
};

Result<std::optional<Run>> newest(sqlite::Connection& db, const std::string& target,
                                  std::string_view sql) {
  TRY_ASSIGN(auto row, db.prepare(sql));
  row.bind(1, std::string_view(target));
  TRY_ASSIGN(std::vector<Run> runs, history::runs_of(row));
  if (runs.empty()) return std::optional<Run>();
  return std::optional<Run>(std::move(runs.front()));
}

Result<std::uint64_t> failures_since(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare(history::failures_since_sql));
  row.bind(1, std::string_view(target));
  TRY(row.step());
  TRY_ASSIGN(const std::uint64_t forgotten, history::forgotten_failures(db, target));
  return static_cast<std::uint64_t>(row.integer(0)) + forgotten;
}

Result<bool> failed_since(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare(history::failed_since_sql));
  row.bind(1, std::string_view(target));
  TRY(row.step());
  return row.integer(0) != 0;
}

}  // namespace

std::string history::list_sql(const RunQuery& query) {
  std::string sql = "SELECT document FROM runs WHERE true";
  if (!query.target.empty()) sql += " AND target = ?1";
  if (query.verdict) sql += " AND verdict = ?2";
  return sql + " ORDER BY seq DESC LIMIT ?3";
}

Result<std::vector<Run>> HistoryStore::list(const RunQuery& query) const {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<std::vector<Run>> {
    TRY_ASSIGN(auto rows, db_.prepare(history::list_sql(query)));
    if (!query.target.empty()) rows.bind(1, std::string_view(query.target));
    if (query.verdict) rows.bind(2, name_of(*query.verdict));
    rows.bind(3, static_cast<std::int64_t>(std::min(query.limit, most)));
    return history::runs_of(rows);
  });
}

Result<std::vector<Run>> HistoryStore::untold(TimePoint since) const {
  constexpr std::int64_t most = 1000;
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<std::vector<Run>> {
    TRY_ASSIGN(auto rows, db_.prepare(history::untold_sql));
    rows.bind(1, history::microseconds(since));
    rows.bind(2, most);
    return history::runs_of(rows);
  });
}

Result<std::optional<Run>> HistoryStore::find(const std::string& id) const {
  if (id.empty()) return std::optional<Run>();
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(const history::Matches found,
             history::told([&] { return history::beginning_with(db_, "runs", id); }));
  TRY(history::at_most_one(found, "runs", id));
  if (found.rows == 0) return std::optional<Run>();
  return history::told([&]() -> Result<std::optional<Run>> {
    TRY_ASSIGN(Run run, history::understood(run_from_json(found.first)));
    TRY_ASSIGN(run.log, history::log_of(db_, run.id));
    return std::optional<Run>(std::move(run));
  });
}

Result<TargetHistory> HistoryStore::history_of(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<TargetHistory> {
    TRY_ASSIGN(const View view, View::begin(db_));
    TargetHistory known;
    TRY_ASSIGN(const auto created, history::first_sighting(db_, target));
    known.created = created.value_or(TimePoint{});
    TRY_ASSIGN(known.last_run, newest(db_, target, history::last_run_sql));
    TRY_ASSIGN(known.last_passed, newest(db_, target, history::last_passed_sql));
    TRY_ASSIGN(known.last_restored, newest(db_, target, history::last_restored_sql));
    TRY_ASSIGN(known.consecutive_failures, failures_since(db_, target));
    TRY_ASSIGN(known.failed_since_pass, failed_since(db_, target));
    TRY_ASSIGN(known.backups, history::read_backups(db_, target));
    TRY_ASSIGN(known.totals, history::read_totals(db_, target));
    TRY_ASSIGN(known.last_selftest, history::last_selftest(db_, target));
    TRY_ASSIGN(known.selftest_undone, history::undone_selftest(db_, target));
    TRY_ASSIGN(known.last_drill, history::last_drill(db_, target));
    TRY_ASSIGN(known.last_drill_ended, history::last_drill_ended(db_, target));
    TRY_ASSIGN(known.drill_since, history::drill_since(db_, target));
    return known;
  });
}

Result<std::vector<Look>> HistoryStore::looks_of(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  return history::told([&] { return history::read_looks(db_, target); });
}

Result<std::int64_t> HistoryStore::version() const {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<std::int64_t> {
    TRY(file_.check());
    return db_.integer("PRAGMA data_version");
  });
}

}  // namespace backproof
