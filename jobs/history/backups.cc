// SPDX-License-Identifier: Apache-2.0
#include "history/backups.h"

#include <algorithm>
#include <array>
#include <limits>

#include "history/records.h"

namespace backproof::history {
namespace {

constexpr std::string_view make_way_sql =
    "DELETE FROM backups WHERE target = ?1 AND id = ?2 AND (bytes <> ?3 OR modified <> ?4)";

// A run that judged nothing leaves what earlier ones found.
constexpr std::string_view note_sql = R"sql(
  INSERT INTO backups (target, id, bytes, modified, created, tried, verified, verdict, run, passed,
                       seen)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?6)
  ON CONFLICT (target, id) DO UPDATE SET
    created = excluded.created,
    tried = excluded.tried,
    seen = max(seen, excluded.seen),
    verified = iif(excluded.verdict IS NULL, verified, excluded.verified),
    run = iif(excluded.verdict IS NULL, run, excluded.run),
    verdict = coalesce(excluded.verdict, verdict),
    passed = iif(excluded.passed = 0, passed, excluded.passed))sql";

constexpr std::string_view read_sql = R"sql(
  SELECT id, bytes, modified, created, tried, verified, verdict, run, passed
  FROM backups WHERE target = ?1 ORDER BY id)sql";

constexpr std::string_view write_look_sql = R"sql(
  INSERT OR REPLACE INTO looks (target, id, version, trouble, seen, content, content_earliest,
                                content_latest, manifest)
  VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, 0), nullif(?7, 0), nullif(?8, 0), nullif(?9, 0)))sql";

constexpr std::string_view read_looks_sql = R"sql(
  SELECT id, version, trouble, coalesce(content, 0), coalesce(content_earliest, 0),
         coalesce(content_latest, 0), coalesce(manifest, 0)
  FROM looks WHERE target = ?1 ORDER BY id)sql";

TimePoint time_of(std::int64_t microseconds) {
  return TimePoint{Duration{microseconds}};
}

std::int64_t stored(std::uintmax_t bytes) {
  constexpr std::uintmax_t most = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::min(bytes, most));
}

BackupRecord record_of(sqlite::Statement& row) {
  BackupRecord record;
  record.id = row.text(0);
  record.bytes = static_cast<std::uintmax_t>(row.integer(1));
  record.modified = time_of(row.integer(2));
  record.created = time_of(row.integer(3));
  record.tried = time_of(row.integer(4));
  record.verified = time_of(row.integer(5));
  record.verdict = verdict_named(row.text(6));
  record.run_id = row.text(7);
  record.passed = time_of(row.integer(8));
  return record;
}

}  // namespace

Result<void> note_backup(sqlite::Connection& db, const Run& run) {
  const Backup& backup = run.backup;
  if (backup.id.empty()) return {};
  TRY_ASSIGN(auto make_way, db.prepare(make_way_sql));
  make_way.bind(1, std::string_view(run.target)).bind(2, std::string_view(backup.id));
  make_way.bind(3, stored(backup.bytes)).bind(4, microseconds(backup.modified));
  TRY(make_way.step());
  const bool judged = run.verdict != Verdict::inconclusive;
  const std::int64_t ended = microseconds(end_of(run));
  TRY_ASSIGN(auto note, db.prepare(note_sql));
  note.bind(1, std::string_view(run.target)).bind(2, std::string_view(backup.id));
  note.bind(3, stored(backup.bytes)).bind(4, microseconds(backup.modified));
  note.bind(5, microseconds(backup.created)).bind(6, ended).bind(7, judged ? ended : 0);
  if (judged) note.bind(8, name_of(run.verdict));
  note.bind(9, judged ? std::string_view(run.id) : std::string_view(""));
  note.bind(10, run.verdict == Verdict::passed ? ended : 0);
  TRY(note.step());
  return {};
}

Result<std::vector<BackupRecord>> read_backups(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto rows, db.prepare(read_sql));
  rows.bind(1, std::string_view(target));
  std::vector<BackupRecord> records;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return records;
    records.push_back(record_of(rows));
  }
}

Result<void> see_backups(sqlite::Connection& db, const std::string& target,
                         const std::vector<std::string>& ids, TimePoint now) {
  for (const std::string_view sql : {"UPDATE backups SET seen = ?3 WHERE target = ?1 AND id = ?2",
                                     "UPDATE looks SET seen = ?3 WHERE target = ?1 AND id = ?2"}) {
    TRY_ASSIGN(auto see, db.prepare(sql));
    for (const std::string& id : ids) {
      see.reset();
      see.bind(1, std::string_view(target)).bind(2, std::string_view(id));
      see.bind(3, microseconds(now));
      TRY(see.step());
    }
  }
  return {};
}

Result<void> forget_backups(sqlite::Connection& db, TimePoint before) {
  for (const std::string_view sql :
       {"DELETE FROM backups WHERE max(seen, tried) < ?1", "DELETE FROM looks WHERE seen < ?1"}) {
    TRY_ASSIGN(auto forget, db.prepare(sql));
    forget.bind(1, microseconds(before));
    TRY(forget.step());
  }
  return {};
}

Result<void> write_looks(sqlite::Connection& db, const std::string& target,
                         const std::vector<Look>& looks, TimePoint now) {
  TRY_ASSIGN(auto clear, db.prepare("DELETE FROM looks WHERE target = ?1"));
  clear.bind(1, std::string_view(target));
  TRY(clear.step());
  TRY_ASSIGN(auto write, db.prepare(write_look_sql));
  for (const Look& look : looks) {
    const TimeClaim content = look.content.value_or(TimeClaim{});
    write.reset();
    write.bind(1, std::string_view(target)).bind(2, std::string_view(look.id));
    write.bind(3, std::string_view(look.version)).bind(4, std::string_view(look.trouble));
    write.bind(5, microseconds(now)).bind(6, microseconds(content.at));
    write.bind(7, microseconds(content.earliest)).bind(8, microseconds(content.latest));
    write.bind(9, microseconds(look.manifest.value_or(TimeClaim{}).at));
    TRY(write.step());
  }
  return {};
}

Result<std::vector<Look>> read_looks(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto rows, db.prepare(read_looks_sql));
  rows.bind(1, std::string_view(target));
  std::vector<Look> looks;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return looks;
    Look look{
        std::string(rows.text(0)), std::string(rows.text(1)), {}, {}, std::string(rows.text(2))};
    if (rows.integer(3) != 0)
      look.content =
          TimeClaim{time_of(rows.integer(3)), time_of(rows.integer(4)), time_of(rows.integer(5))};
    if (rows.integer(6) != 0) look.manifest = exactly(time_of(rows.integer(6)));
    looks.push_back(std::move(look));
  }
}

}  // namespace backproof::history
