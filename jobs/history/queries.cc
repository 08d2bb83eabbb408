// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "history/backups.h"
#include "history/errors.h"
#include "history/history.h"
#include "history/records.h"
#include "history/selftests.h"
#include "history/sql.h"
#include "history/totals.h"

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
  TRY_ASSIGN(std::vector<Run> runs, history::runs_of(row, false));
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

// The first text that sorts after everything beginning with `prefix`; empty when there is none.
std::string after(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

// The runs whose id begins with `prefix`: how many, and the first.
struct Found {
  std::int64_t runs = 0;
  std::optional<Run> first;
};

Result<Found> beginning_with(sqlite::Connection& db, const std::string& prefix) {
  const std::string end = after(prefix);
  const std::string range = " FROM runs WHERE id >= ?1 AND (?2 = '' OR id < ?2)";
  Found found;
  TRY_ASSIGN(auto count, db.prepare("SELECT count(*)" + range));
  count.bind(1, std::string_view(prefix)).bind(2, std::string_view(end));
  TRY(count.step());
  found.runs = count.integer(0);
  TRY_ASSIGN(auto one, db.prepare("SELECT document" + range + " ORDER BY id LIMIT 1"));
  one.bind(1, std::string_view(prefix)).bind(2, std::string_view(end));
  TRY_ASSIGN(std::vector<Run> runs, history::runs_of(one, true));
  if (!runs.empty()) found.first = std::move(runs.front());
  // A whole id is unique, even where longer ones begin with it.
  if (found.first && found.first->id == prefix) found.runs = 1;
  return found;
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
    return history::runs_of(rows, false);
  });
}

Result<std::optional<Run>> HistoryStore::find(const std::string& id) const {
  if (id.empty()) return std::optional<Run>();
  const std::lock_guard lock(mutex_);
  TRY_ASSIGN(Found found, history::told([&] { return beginning_with(db_, id); }));
  if (found.runs > 1)
    return Error{
        Cause::internal,
        std::to_string(found.runs) + " runs have an id that begins with " + text::printable(id, 80),
        "give more of the id"};
  return std::move(found.first);
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
