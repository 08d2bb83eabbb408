// SPDX-License-Identifier: Apache-2.0
#include "history/records.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "history/errors.h"
#include "model/run_json.h"

namespace backproof::history {
namespace {

constexpr std::string_view insert_sql = R"sql(
  INSERT INTO runs (id, target, trigger, attempt, started, backup_path, backup_bytes,
                    backup_sha256, backup_created, document, restored, owner)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11))sql";

// Unfinished, or closed in its owner's absence.
constexpr std::string_view make_way_sql =
    "DELETE FROM runs WHERE id = ?1 AND (verdict IS NULL OR owner IS NOT NULL)";

constexpr std::string_view complete_sql = R"sql(
  INSERT INTO runs (id, target, trigger, attempt, started, backup_path, backup_bytes,
                    backup_sha256, backup_created, document, restored, ended, verdict, cause, log)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, nullif(?15, '[]'))
  ON CONFLICT (id) DO NOTHING)sql";

constexpr std::string_view close_sql = R"sql(
  UPDATE runs SET document = ?2, ended = ?3, verdict = ?4, cause = ?5, log = nullif(?6, '[]')
  WHERE id = ?1 AND verdict IS NULL)sql";

// Parameters 1 to 10, which both have.
void bind_common(sqlite::Statement& statement, const Run& run) {
  constexpr std::uintmax_t most = std::numeric_limits<std::int64_t>::max();
  statement.bind(1, std::string_view(run.id)).bind(2, std::string_view(run.target));
  statement.bind(3, std::string_view(run.trigger)).bind(4, std::int64_t{run.attempt});
  statement.bind(5, microseconds(run.started));
  statement.bind(6, std::string_view(run.backup.path.native()));
  statement.bind(7, static_cast<std::int64_t>(std::min(run.backup.bytes, most)));
  statement.bind(8, std::string_view(run.backup.sha256));
  statement.bind(9, microseconds(run.backup.created));
  statement.bind(10, std::string_view(to_json(run, false)));
}

}  // namespace

std::int64_t microseconds(TimePoint t) {
  return t.time_since_epoch().count();
}

Result<void> insert_unfinished(sqlite::Connection& db, const Run& run, std::string_view owner) {
  TRY_ASSIGN(auto statement, db.prepare(insert_sql));
  bind_common(statement, run);
  statement.bind(11, owner);
  TRY(statement.step());
  return {};
}

Result<bool> complete(sqlite::Connection& db, const Run& run) {
  Run done = run;
  done.finished = true;
  TRY_ASSIGN(auto make_way, db.prepare(make_way_sql));
  make_way.bind(1, std::string_view(done.id));
  TRY(make_way.step());
  TRY_ASSIGN(auto statement, db.prepare(complete_sql));
  bind_common(statement, done);
  statement.bind(11, std::int64_t{done.restored && done.backup.newest});
  statement.bind(12, microseconds(end_of(done)));
  statement.bind(13, name_of(done.verdict)).bind(14, name_of(done.cause));
  statement.bind(15, std::string_view(to_json(done.log)));
  TRY(statement.step());
  return db.last_changes() > 0;
}

Result<void> close(sqlite::Connection& db, const Run& run) {
  Run done = run;
  done.finished = true;
  const std::string document = to_json(done, false);
  TRY_ASSIGN(auto statement, db.prepare(close_sql));
  statement.bind(1, std::string_view(done.id)).bind(2, std::string_view(document));
  statement.bind(3, microseconds(end_of(done)));
  statement.bind(4, name_of(done.verdict)).bind(5, name_of(done.cause));
  statement.bind(6, std::string_view(to_json(done.log)));
  TRY(statement.step());
  return {};
}

Result<void> put_run(sqlite::Connection& db, const Run& run, std::int64_t seq,
                     std::string_view owner) {
  if (run.finished) {
    TRY_ASSIGN(const bool is_new, complete(db, run));
    if (!is_new) return {};
  } else {
    TRY_ASSIGN(auto known, db.prepare("SELECT 1 FROM runs WHERE id = ?1"));
    known.bind(1, std::string_view(run.id));
    TRY_ASSIGN(const bool is_known, known.step());
    if (is_known) return {};
    TRY(insert_unfinished(db, run, owner));
  }
  TRY_ASSIGN(auto place, db.prepare("UPDATE OR IGNORE runs SET seq = ?2, owner = nullif(?3, '') "
                                    "WHERE id = ?1"));
  place.bind(1, std::string_view(run.id)).bind(2, seq).bind(3, owner);
  TRY(place.step());
  return {};
}

Result<std::vector<Run>> runs_of(sqlite::Statement& statement) {
  std::vector<Run> runs;
  while (true) {
    TRY_ASSIGN(const bool row, statement.step());
    if (!row) return runs;
    TRY_ASSIGN(runs.emplace_back(), understood(run_from_json(statement.text(0))));
  }
}

Result<std::vector<LogLine>> log_of(sqlite::Connection& db, const std::string& id) {
  TRY_ASSIGN(auto row, db.prepare("SELECT log FROM runs WHERE id = ?1 AND log IS NOT NULL"));
  row.bind(1, std::string_view(id));
  TRY_ASSIGN(const bool there, row.step());
  if (!there) return std::vector<LogLine>();
  return understood(log_from_json(row.text(0)));
}

Result<std::optional<TimePoint>> first_sighting(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare("SELECT created FROM targets WHERE name = ?1"));
  row.bind(1, std::string_view(target));
  TRY_ASSIGN(const bool found, row.step());
  if (!found) return std::optional<TimePoint>();
  return std::optional<TimePoint>(TimePoint{Duration{row.integer(0)}});
}

}  // namespace backproof::history
