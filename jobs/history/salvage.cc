// SPDX-License-Identifier: Apache-2.0
#include "history/salvage.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/sqlite.h"
#include "history/backups.h"
#include "history/page_scan.h"
#include "history/records.h"
#include "history/schema.h"
#include "history/totals.h"
#include "model/run_json.h"
#include "model/selftest.h"

namespace backproof::history {
namespace {

using Kind = Cell::Kind;

// A time in microseconds is larger than any number of a row: it tells a target's first sighting
// from an entry of an index, which has a name and a row's number.
constexpr std::int64_t least_time = 1'000'000'000'000;

constexpr std::string_view found_sql = R"sql(
  CREATE TEMP TABLE found_totals (target, name, label, value, PRIMARY KEY (target, name, label));
  CREATE TEMP TABLE found_backups AS SELECT * FROM backups;
  CREATE TEMP TABLE found_ids (id PRIMARY KEY);
)sql";

// What the recovered runs prove is in the totals already.
constexpr std::string_view raised_sql = R"sql(
  SELECT count(*) FROM totals LEFT JOIN found_totals USING (target, name, label)
  WHERE totals.value > coalesce(found_totals.value, 0))sql";
constexpr std::string_view merge_sql = R"sql(
  INSERT INTO totals SELECT * FROM found_totals WHERE true
    ON CONFLICT (target, name, label) DO UPDATE SET value = max(value, excluded.value);
  INSERT OR REPLACE INTO backups SELECT * FROM found_backups;
  INSERT OR IGNORE INTO targets (name, created)
    SELECT target, min(started) FROM runs GROUP BY target;
)sql";
constexpr std::string_view missing_sql = R"sql(
  SELECT count(*) FROM found_ids
  WHERE id NOT IN (SELECT id FROM runs) AND id NOT IN (SELECT id FROM drills))sql";

bool begins_with(const FoundRow& row, std::initializer_list<Kind> kinds) {
  return std::equal(kinds.begin(), kinds.end(), row.cells.begin(),
                    [](Kind kind, const Cell& cell) { return kind == cell.kind; });
}

// Exactly these columns.
bool is_of(const FoundRow& row, std::initializer_list<Kind> kinds) {
  return begins_with(row, kinds) &&
         std::all_of(row.cells.begin() + static_cast<std::ptrdiff_t>(kinds.size()), row.cells.end(),
                     [](const Cell& cell) { return cell.kind == Kind::null; });
}

class Salvage {
 public:
  static Result<Salvage> begin(const Path& fresh) {
    TRY_ASSIGN(auto db, open_database(fresh));
    TRY(db.run(found_sql));
    TRY(db.run("BEGIN IMMEDIATE"));
    return Salvage(std::move(db));
  }

  Result<void> take(const FoundRow& row) {
    return row.has_rowid ? take_record(row) : take_entry(row);
  }

  Result<SalvageReport> finish(const ScanFacts& facts) {
    TRY(prove());
    SalvageReport report;
    TRY_ASSIGN(const std::int64_t raised, db_.integer(raised_sql));
    report.raised = static_cast<std::uint64_t>(raised);
    TRY(db_.run(merge_sql));
    TRY(db_.run("COMMIT"));
    TRY_ASSIGN(const std::int64_t missing, db_.integer(missing_sql));
    lost_["runs"] = std::max(lost_["runs"] + facts.unreadable_rows,
                             static_cast<std::uint64_t>(std::max<std::int64_t>(missing, 0)));
    for (const char* table :
         {"runs", "logs", "drills", "selftests", "totals", "targets", "backups", "looks"}) {
      TRY_ASSIGN(const std::int64_t rows, db_.integer(count_of(table)));
      report.kinds.push_back({table, static_cast<std::uint64_t>(rows), lost_[table]});
    }
    report.unreadable_pages = facts.unreadable_pages;
    report.log = facts.log.value_or("");
    TRY(db_.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    return report;
  }

 private:
  explicit Salvage(sqlite::Connection db) : db_(std::move(db)) {}

  static std::string count_of(std::string_view table) {
    if (table == "logs") return "SELECT count(*) FROM runs WHERE log IS NOT NULL";
    return "SELECT count(*) FROM " + std::string(table);
  }

  // A row that the new file refuses is lost: its content was damaged.
  Result<void> put(const char* table, std::string_view sql, const std::vector<Cell>& values) {
    TRY_ASSIGN(auto statement, db_.prepare(sql));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      if (values[i].kind == Kind::integer)
        statement.bind(at, values[i].integer);
      else if (values[i].kind == Kind::text)
        statement.bind(at, std::string_view(values[i].text));
      else
        statement.bind_null(at);
    }
    const Result<bool> done = statement.step();
    if (!done && done.error().cause == Cause::space) return done.error();
    if (!done) ++lost_[table];
    return {};
  }

  // Rows with numbers: what they are is said by their shape, and proven by their document.
  Result<void> take_record(const FoundRow& row) {
    if (begins_with(row, {Kind::null, Kind::text, Kind::text, Kind::text, Kind::integer}))
      return take_run(row);
    if (begins_with(row, {Kind::null, Kind::text, Kind::text, Kind::integer}))
      return take_drill(row);
    if (begins_with(row, {Kind::null, Kind::text, Kind::integer, Kind::text, Kind::text}))
      return take_selftest(row);
    return {};
  }

  // The document's place changed with the owners' (history/schema.cc).
  Result<void> take_run(const FoundRow& row) {
    const bool is_first_version = row.cells[17].kind == Kind::text;
    const Cell& document = row.cells[is_first_version ? 17 : 14];
    Result<Run> run = run_from_json(document.text);
    if (!run || run->id != row.cells[1].text) return lose("runs");
    Cell log = is_first_version ? Cell{} : row.cells[16];
    if (log.kind == Kind::text) {
      auto lines = log_from_json(log.text);
      if (lines)
        run->log = *std::move(lines);
      else
        TRY(lose("logs"));
    }
    return put_run(db_, *run, row.rowid, is_first_version ? std::string() : row.cells[15].text);
  }

  Result<void> take_drill(const FoundRow& row) {
    const Result<Drill> drill = drill_from_json(row.cells[7].text);
    if (!drill || drill->id != row.cells[1].text) return lose("drills");
    return put("drills", "INSERT OR IGNORE INTO drills VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               numbered(row, 8));
  }

  Result<void> take_selftest(const FoundRow& row) {
    if (!selftest_from_json(row.cells[4].text)) return lose("selftests");
    return put("selftests", "INSERT OR IGNORE INTO selftests VALUES (?1, ?2, ?3, ?4, ?5)",
               numbered(row, 5));
  }

  // The cells of a row, whose first one is its number.
  static std::vector<Cell> numbered(const FoundRow& row, std::size_t count) {
    std::vector<Cell> cells(row.cells.begin(),
                            row.cells.begin() + static_cast<std::ptrdiff_t>(count));
    cells.front() = {Kind::integer, row.rowid, {}};
    return cells;
  }

  Result<void> take_entry(const FoundRow& row) {
    constexpr auto text = Kind::text, number = Kind::integer;
    const std::vector<Cell>& cells = row.cells;
    if (is_of(row, {text, text, text, number}))
      return put("totals",
                 "INSERT INTO found_totals VALUES (?1, ?2, ?3, max(?4, 0)) "
                 "ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
                 {cells.begin(), cells.begin() + 4});
    if (is_of(row, {text, number}) && cells[1].integer < least_time)
      return is_run_id(cells[0].text)
                 ? put("runs", "INSERT OR IGNORE INTO found_ids VALUES (?1)", {cells[0]})
                 : Result<void>();
    const bool is_target = begins_with(row, {text, number}) && cells[1].integer >= least_time &&
                           (cells[2].kind == Kind::null || cells[2].integer >= least_time) &&
                           cells[3].kind == Kind::null;
    if (is_target)
      return put("targets",
                 "INSERT INTO targets VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
                 "created = min(created, excluded.created)",
                 {cells.begin(), cells.begin() + 3});
    return take_backup(row);
  }

  Result<void> take_backup(const FoundRow& row) {
    constexpr auto text = Kind::text, number = Kind::integer;
    const std::vector<Cell>& cells = row.cells;
    const bool is_backup = begins_with(row, {text, text, number, number, number, number, number}) &&
                           (cells[7].kind == text || cells[7].kind == Kind::null) &&
                           cells[8].kind == text && cells[9].kind == number &&
                           cells[10].kind == number;
    if (is_backup)
      return put("backups",
                 "INSERT INTO found_backups VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                 {cells.begin(), cells.begin() + 11});
    if (begins_with(row, {text, text, text}) && cells[7].kind == text && cells[8].kind == number)
      return put("looks", "INSERT OR IGNORE INTO looks VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 {cells.begin(), cells.begin() + 9});
    return {};
  }

  Result<void> lose(const std::string& table) {
    ++lost_[table];
    return {};
  }

  // Counts what is there as if it were recorded now, in its order.
  Result<void> prove() {
    TRY_ASSIGN(auto runs,
               db_.prepare("SELECT document FROM runs WHERE verdict IS NOT NULL ORDER BY seq"));
    while (true) {
      TRY_ASSIGN(const bool there, runs.step());
      if (!there) break;
      TRY_ASSIGN(const Run run, run_from_json(runs.text(0)));
      TRY(raise_totals(db_, run.target, totals_of(run)));
      TRY(note_backup(db_, run));
    }
    TRY_ASSIGN(auto drills, db_.prepare("SELECT document FROM drills WHERE result IS NOT NULL"));
    while (true) {
      TRY_ASSIGN(const bool there, drills.step());
      if (!there) return {};
      TRY_ASSIGN(const Drill drill, drill_from_json(drills.text(0)));
      TRY(raise_totals(db_, drill.target, totals_of(drill)));
    }
  }

  sqlite::Connection db_;
  std::map<std::string, std::uint64_t> lost_;
};

template <typename Parse>
Result<std::uint64_t> unreadable_in(sqlite::Connection& db, std::string_view sql, Parse parse) {
  TRY_ASSIGN(auto rows, db.prepare(sql));
  std::uint64_t bad = 0;
  while (true) {
    TRY_ASSIGN(const bool there, rows.step());
    if (!there) return bad;
    if (!parse(rows.text(0))) ++bad;
  }
}

}  // namespace

Result<SalvageReport> salvage(const Path& copy, const Path& fresh) {
  TRY_ASSIGN(Salvage salvage, Salvage::begin(fresh));
  TRY_ASSIGN(const ScanFacts facts,
             scan_pages(copy, [&](const FoundRow& row) { return salvage.take(row); }));
  TRY_ASSIGN(SalvageReport report, salvage.finish(facts));
  const bool is_empty = std::ranges::all_of(
      report.kinds, [](const Salvaged& kind) { return kind.recovered == 0 && kind.lost == 0; });
  if (is_empty)
    return Error{Cause::internal, "nothing in it is of a history",
                 "restore a copy of it, or move it away: a new history starts with all counters "
                 "at 0"};
  return report;
}

Result<std::uint64_t> unreadable_records(const Path& file) {
  TRY_ASSIGN(auto db, open_database(file));
  TRY_ASSIGN(std::uint64_t bad, unreadable_in(db, "SELECT document FROM runs", run_from_json));
  TRY_ASSIGN(const std::uint64_t logs,
             unreadable_in(db, "SELECT log FROM runs WHERE log IS NOT NULL", log_from_json));
  TRY_ASSIGN(const std::uint64_t drills,
             unreadable_in(db, "SELECT document FROM drills", drill_from_json));
  TRY_ASSIGN(const std::uint64_t tests,
             unreadable_in(db, "SELECT document FROM selftests", selftest_from_json));
  return bad + logs + drills + tests;
}

}  // namespace backproof::history
