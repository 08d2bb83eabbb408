// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_examination.h"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

#include "base/text.h"
#include "db/sqlite_connect.h"
#include "db/sqlite_count.h"
#include "db/sqlite_facts.h"
#include "db/sqlite_foreign_keys.h"
#include "db/sqlite_scan.h"
#include "db/sqlite_tasks.h"

namespace backproof {
namespace {

const Error not_asked{Cause::internal, "not asked", ""};

// What is found out about one table; each member is written by one task.
struct TableWork {
  explicit TableWork(const SqliteTable& of) : table(&of), indexes(of.indexes.size()) {}

  const SqliteTable* table;
  bool by_scans = false;  // the proof is tried; else `pragma` is asked where there is an index
  TableSide side;
  std::vector<IndexSide> indexes;
  Result<FindingList> pragma = FindingList{};
  Result<FindingList> orphans = FindingList{};
  bool asked_orphans = false;  // by the PRAGMA, not by scans
  Result<std::uint64_t> rows = not_asked;
  FindingList module;  // what the module of a virtual table says of it
  RowFacts facts;      // wanted ones; not known where they could not be found out

  void ask_rows(sqlite::Connection& connection, const SqliteCatalog& catalog);
  void scan(const Pages& pages, sqlite::Connection& connection, const SqliteCatalog& catalog,
            const FactsWanted& wanted, PageMeter& meter);
  void ask_facts(sqlite::Connection& connection, const FactsWanted& wanted);
  bool is_unreadable() const { return table->is_virtual && !rows; }
};

class Examination {
 public:
  Examination(const Path& file, const SqliteSettings& settings, const FactsWanted& wanted,
              const RunContext& context)
      : file_(file), settings_(settings), wanted_(wanted), context_(context) {}

  SelfCheck run();

 private:
  Result<void> read_schema();
  bool prove(SelfCheck& answer);
  SelfCheck ask_sqlite();

  void plan_scans(TableWork& work, const Pages& pages, PageMeter& meter);
  void settle(TableWork& work);
  FindingList known_findings() const;
  FindingList unseen_by_pragmas() const;
  std::string unexamined() const;
  Examined examined(FindingList findings, std::string how) const;
  Result<Examined> foreign_keys() const;
  Result<std::vector<TableFact>> facts(bool is_whole) const;
  unsigned threads() const;

  const Path& file_;
  const SqliteSettings& settings_;
  const FactsWanted& wanted_;
  const RunContext& context_;
  SqliteCatalog catalog_;
  std::vector<TableWork> works_;
  std::vector<SqliteTask> scans_, queries_;
  Result<FindingList> quick_ = FindingList{};
  FindingList differences_;  // that only newer versions of SQLite report
  bool suspicious_ = false;
  std::int64_t schema_bytes_ = 0;  // that the schema takes in each connection
};

void TableWork::ask_rows(sqlite::Connection& connection, const SqliteCatalog& catalog) {
  rows = count_rows(connection, *table);
  module = rows && table->is_virtual ? ask_module(connection, catalog, *table) : FindingList{};
  if (is_unreadable() && rows.error().cause == Cause::damaged)
    module.push_back(text::printable(rows.error().text));
}

// The table's side of the proof and its facts, by pages and where those are not enough by SQL.
void TableWork::scan(const Pages& pages, sqlite::Connection& connection,
                     const SqliteCatalog& catalog, const FactsWanted& wanted, PageMeter& meter) {
  side = scan_table(pages, *table, catalog.encoding, has_facts(*table) ? wanted : FactsWanted(),
                    meter);
  facts = std::move(side.facts);
  if (side.outcome == ScanOutcome::unprovable)
    side = scan_table_by_sql(connection, *table, catalog.is_utf16());
  if (side.outcome == ScanOutcome::unprovable)
    pragma = ask_integrity_check(connection, catalog, *table);
  if (side.outcome != ScanOutcome::suspicious) ask_facts(connection, wanted);
}

// What pages did not tell.
void TableWork::ask_facts(sqlite::Connection& connection, const FactsWanted& wanted) {
  if (!has_facts(*table) || !wants_facts(wanted)) return;
  if (facts.is_known) {
    facts.is_known = read_unread_times(connection, *table, wanted, facts).has_value();
    return;
  }
  const std::uint64_t bytes = facts.bytes;
  if (auto found = read_row_facts(connection, *table, wanted)) facts = *std::move(found);
  facts.bytes = bytes;
}

unsigned Examination::threads() const {
  // Beyond this, the file's cache and not the processor is what limits, and memory adds up.
  constexpr unsigned enough = 8;
  const unsigned wanted = settings_.threads != 0
                              ? settings_.threads
                              : std::clamp(std::thread::hardware_concurrency(), 1U, enough);
  // Each connection reads the schema again, and the programs of its checks are as large once more.
  const std::int64_t each = std::max<std::int64_t>(schema_bytes_ * 2, 1);
  const std::int64_t fitting = std::max<std::int64_t>(sqlite::heap_limit / 2 / each, 1);
  return static_cast<unsigned>(std::min<std::int64_t>(wanted, fitting));
}

Examined Examination::examined(FindingList findings, std::string how) const {
  Examined answer;
  answer.how = std::move(how);
  if (findings.size() > settings_.max_findings) {
    answer.more = findings.size() - settings_.max_findings;
    findings.resize(settings_.max_findings);
  }
  answer.findings = std::move(findings);
  return answer;
}

// What virtual tables keep from us, to be told behind the answer.
std::string Examination::unexamined() const {
  std::string tables;
  for (const TableWork& work : works_)
    if (work.is_unreadable() && work.module.empty())
      tables += "; not examined: " + text::printable(work.rows.error().text);
  return tables;
}

Result<void> Examination::read_schema() {
  TRY_ASSIGN(sqlite::Connection connection, connect_readonly(file_));
  const std::int64_t before = sqlite3_memory_used();
  TRY_ASSIGN(catalog_,
             read_catalog(connection, wants_facts(wanted_) ? Roots::of_all : Roots::of_indexed));
  schema_bytes_ = sqlite3_memory_used() - before;
  for (const SqliteTable& table : catalog_.tables) works_.emplace_back(table);
  return {};
}

// The tasks for one table: scans first, because they are the long ones.
void Examination::plan_scans(TableWork& work, const Pages& pages, PageMeter& meter) {
  const SqliteTable& table = *work.table;
  work.by_scans = table.has_roots && std::ranges::all_of(table.indexes, [&](const auto& index) {
                    return is_scannable(catalog_, index);
                  });
  if (work.by_scans) {
    scans_.emplace_back([&](sqlite::Connection& connection) {
      work.scan(pages, connection, catalog_, wanted_, meter);
    });
    for (std::size_t i = 0; i < table.indexes.size(); ++i)
      scans_.emplace_back([&, i](sqlite::Connection&) {
        work.indexes[i] = scan_index(pages, table, table.indexes[i], meter);
      });
  } else if (table.is_virtual || !table.indexes.empty()) {
    scans_.emplace_back([&](sqlite::Connection& connection) {
      work.pragma = ask_integrity_check(connection, catalog_, table);
    });
  }
  if (!work.by_scans)
    queries_.emplace_back([&](sqlite::Connection& connection) {
      work.ask_rows(connection, catalog_);
      if (work.rows) work.ask_facts(connection, wanted_);
    });
  if (!table.foreign_keys.empty())
    queries_.emplace_back([&](sqlite::Connection& connection) {
      work.asked_orphans = !prove_foreign_keys(connection, catalog_, table);
      if (work.asked_orphans) work.orphans = ask_foreign_key_check(connection, table);
    });
}

// Compares the two sides of a table's proof.
void Examination::settle(TableWork& work) {
  const SqliteTable& table = *work.table;
  suspicious_ = suspicious_ || (work.pragma && !work.pragma->empty());
  suspicious_ = suspicious_ || !work.module.empty() ||
                (!work.by_scans && !work.rows && work.rows.error().cause == Cause::damaged);
  if (!work.by_scans || work.side.outcome == ScanOutcome::unprovable) return;
  for (std::size_t i = 0; i < table.indexes.size(); ++i) {
    const IndexSide& index = work.indexes[i];
    const bool is_whole = index.outcome == ScanOutcome::proven;
    suspicious_ = suspicious_ || !is_whole;
    if (index.has_extra_fields)
      differences_.push_back("rowid not at end-of-record in index " +
                             text::printable(table.indexes[i].name));
    if (!is_whole || &table.indexes[i] == table.storage() ||
        work.side.outcome != ScanOutcome::proven || index.found == work.side.expected[i])
      continue;
    suspicious_ = true;
    differences_.push_back("values differ from index " + text::printable(table.indexes[i].name));
  }
  suspicious_ = suspicious_ || work.side.outcome == ScanOutcome::suspicious;
  work.rows = work.side.rows;
}

// Tries the fast way. False when SQLite has to be asked.
bool Examination::prove(SelfCheck& answer) {
  auto pages = Pages::open(file_, catalog_.pages);
  if (!pages) return false;
  PageMeter meter(context_, std::uint64_t{2} * catalog_.pages);
  scans_.emplace_back([&](sqlite::Connection& connection) {
    quick_ = ask_quick_check(connection, catalog_);
    meter.add(catalog_.pages);
  });
  for (TableWork& work : works_) plan_scans(work, *pages, meter);
  scans_.insert(scans_.end(), queries_.begin(), queries_.end());
  if (const auto done = do_tasks(file_, threads(), scans_); !done) {
    answer = {done.error(), done.error(), done.error()};
    return true;
  }
  for (TableWork& work : works_) settle(work);
  if (suspicious_ || (quick_ && !quick_->empty())) return false;

  std::optional<Error> trouble;
  std::size_t by_pragma = 0;
  if (!quick_) trouble = quick_.error();
  for (const TableWork& work : works_) {
    if (!work.pragma) trouble = work.pragma.error();
    const bool scanned = work.by_scans && work.side.outcome == ScanOutcome::proven;
    if (!work.table->is_virtual && !work.table->indexes.empty() && !scanned) ++by_pragma;
  }
  answer.integrity =
      trouble ? Result<Examined>(*trouble)
              : examined({}, std::string(by_pragma == 0 ? "proof" : "proof, integrity_check") +
                                 unexamined());
  answer.foreign_keys = foreign_keys();
  answer.tables = facts(answer.integrity.has_value());
  return true;
}

// Everything by SQLite's own checks.
SelfCheck Examination::ask_sqlite() {
  Result<FindingList> integrity = not_asked;
  std::vector<SqliteTask> tasks;
  tasks.emplace_back([&](sqlite::Connection& connection) {
    integrity = ask_integrity_check(connection, catalog_);
  });
  for (TableWork& work : works_) {
    if (!work.table->foreign_keys.empty())
      tasks.emplace_back([&](sqlite::Connection& connection) {
        work.asked_orphans = true;
        work.orphans = ask_foreign_key_check(connection, *work.table);
      });
    tasks.emplace_back([&](sqlite::Connection& connection) {
      work.ask_rows(connection, catalog_);
      if (work.rows) work.ask_facts(connection, wanted_);
    });
  }
  if (const auto done = do_tasks(file_, threads(), tasks); !done)
    return {done.error(), done.error(), done.error()};
  SelfCheck answer;
  // What integrity_check says counts, not what quick_check said before. Added is what it cannot
  // see; what else is known stands only where it could not be asked.
  const FindingList unseen = unseen_by_pragmas();
  if (integrity && (!integrity->empty() || unseen.empty())) {
    FindingList all = *std::move(integrity);
    for (const TableWork& work : works_)
      all.insert(all.end(), work.module.begin(), work.module.end());
    answer.integrity = examined(std::move(all), "integrity_check" + unexamined());
  } else if (FindingList known = integrity ? unseen : known_findings(); !known.empty()) {
    answer.integrity = examined(std::move(known), "proof" + unexamined());
  } else {
    answer.integrity = integrity.error();
  }
  answer.foreign_keys = foreign_keys();
  answer.tables = facts(answer.integrity && answer.integrity->findings.empty());
  return answer;
}

FindingList Examination::known_findings() const {
  FindingList known = quick_ ? *quick_ : FindingList{};
  for (const TableWork& work : works_)
    if (work.pragma) known.insert(known.end(), work.pragma->begin(), work.pragma->end());
  const FindingList unseen = unseen_by_pragmas();
  known.insert(known.end(), unseen.begin(), unseen.end());
  return known;
}

FindingList Examination::unseen_by_pragmas() const {
  FindingList unseen = differences_;
  for (const TableWork& work : works_)
    unseen.insert(unseen.end(), work.module.begin(), work.module.end());
  return unseen;
}

Result<Examined> Examination::foreign_keys() const {
  FindingList findings;
  bool by_scans = true;
  for (const TableWork& work : works_) {
    TRY(work.orphans);
    by_scans = by_scans && !work.asked_orphans;
    findings.insert(findings.end(), work.orphans->begin(), work.orphans->end());
  }
  return examined(std::move(findings), by_scans ? "proof" : "foreign_key_check");
}

Result<std::vector<TableFact>> Examination::facts(bool is_whole) const {
  std::vector<TableFact> facts;
  for (const TableWork& work : works_) {
    if (!has_facts(*work.table)) continue;
    // A finding, or named among what was not examined.
    if (work.is_unreadable() && work.rows.error().cause != Cause::space) continue;
    if (!work.rows) return work.rows.error();
    RowFacts known =
        is_whole && work.facts.is_known && work.facts.rows == *work.rows ? work.facts : RowFacts();
    known.rows = *work.rows;
    known.bytes = work.facts.bytes;
    facts.push_back(fact_of(*work.table, known));
  }
  return facts;
}

SelfCheck Examination::run() {
  if (const auto schema = read_schema(); !schema) {
    SelfCheck answer = ask_sqlite();
    Error error = schema.error().while_doing("reading the schema");
    if (error.cause == Cause::internal) error.cause = Cause::damaged;  // not of a kind of our own
    answer.foreign_keys = error;
    answer.tables = error;
    return answer;
  }
  SelfCheck answer;
  if (settings_.integrity == SqliteSettings::Integrity::automatic && prove(answer)) return answer;
  return ask_sqlite();
}

}  // namespace

SelfCheck examine_sqlite(const Path& file, const SqliteSettings& settings,
                         const FactsWanted& wanted, const RunContext& context) {
  return Examination(file, settings, wanted, context).run();
}

}  // namespace backproof
