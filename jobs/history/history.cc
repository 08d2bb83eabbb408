// SPDX-License-Identifier: Apache-2.0
#include "history/history.h"

#include <system_error>

#include "base/text.h"
#include "history/backups.h"
#include "history/drills.h"
#include "history/errors.h"
#include "history/records.h"
#include "history/schema.h"
#include "history/sql.h"
#include "history/totals.h"
#include "model/log_line.h"
#include "model/run_json.h"

// What writes. Questions are in queries.cc, forgetting is in prune.cc.
namespace backproof {
namespace {

struct Unfinished {
  std::string document, owner;
};

Result<std::vector<Unfinished>> unfinished_runs(sqlite::Connection& db) {
  TRY_ASSIGN(auto rows, db.prepare(history::unfinished_sql));
  std::vector<Unfinished> all;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return all;
    all.push_back({std::string(rows.text(0)), std::string(rows.text(1))});
  }
}

// The begun run as far as it is known. Its process wrote no verdict, so none is derived from it.
Result<Run> interrupted(const Unfinished& left, TimePoint now) {
  TRY_ASSIGN(Run run, history::understood(run_from_json(left.document)));
  run.cause = Cause::interrupted;
  run.verdict = verdict_of(run.cause);
  run.reason = "its process ended before the run did";
  run.hint = "it says nothing about the backup; verify it again";
  run.log.push_back(end_line(run, now));
  return run;
}

// The run and all it raises; the caller commits.
Result<void> count(sqlite::Connection& db, const Run& run) {
  TRY_ASSIGN(const bool changed, history::complete(db, run));
  if (!changed) return {};
  TRY(history::raise_totals(db, run.target, history::totals_of(run)));
  TRY(history::note_backup(db, run));
  if (run.verdict != Verdict::passed) return {};
  return history::clear_forgotten_failures(db, run.target);
}

Result<void> sighted(sqlite::Connection& db, const std::string& target, TimePoint now) {
  TRY_ASSIGN(auto earliest, db.prepare("INSERT INTO targets (name, created) VALUES (?1, ?2) "
                                       "ON CONFLICT (name) DO UPDATE "
                                       "SET created = min(created, excluded.created)"));
  earliest.bind(1, std::string_view(target)).bind(2, history::microseconds(now));
  TRY(earliest.step());
  return {};
}

}  // namespace

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const Path& file) {
  TRY_ASSIGN(sqlite::Connection db, history::open_database(file));
  TRY_ASSIGN(history::FileIdentity identity, history::FileIdentity::of(file));
  std::error_code error;
  Path path = std::filesystem::canonical(file, error);
  if (error)
    return Error{Cause::internal,
                 text::printable(file.native()) + " cannot be looked at: " + error.message(), ""};
  return std::unique_ptr<HistoryStore>(
      new HistoryStore(std::move(path), std::move(identity), std::move(db)));
}

// The caller holds the mutex. A file that somebody removed is made again under another name: what
// began before then may be taken for interrupted, but what begins now is not.
Result<void> HistoryStore::be_owner() {
  if (owner_ && owner_->is_seen()) return {};
  TRY_ASSIGN(owner_, history::Owner::claim(path_));
  return {};
}

Result<std::uint64_t> HistoryStore::recover(TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<std::uint64_t> {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY_ASSIGN(const std::vector<Unfinished> left, unfinished_runs(db_));
    std::uint64_t closed = 0;
    const auto is_gone = [&](std::string_view owner) {
      const bool is_ours = owner_ && owner == owner_->id();
      return !is_ours && !history::is_alive(path_, owner);
    };
    for (const Unfinished& run : left) {
      if (!is_gone(run.owner)) continue;
      TRY_ASSIGN(const Run ended, interrupted(run, now));
      TRY(history::close(db_, ended));
      TRY(history::raise_totals(db_, ended.target, history::totals_of(ended)));
      ++closed;
    }
    TRY_ASSIGN(const std::uint64_t drills, history::close_drills(db_, is_gone));
    history::sweep_owners(path_);
    TRY(transaction.commit());
    return closed + drills;
  });
}

Result<TimePoint> HistoryStore::sight(const std::string& target, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<TimePoint> {
    // Every reload asks for every target: what is known is only read.
    TRY_ASSIGN(const auto known, history::first_sighting(db_, target));
    if (known && *known <= now) return *known;
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(sighted(db_, target, now));
    TRY_ASSIGN(const auto kept, history::first_sighting(db_, target));
    TRY(transaction.commit());
    return kept.value_or(now);
  });
}

Result<void> HistoryStore::sight(const std::vector<std::string>& targets, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    std::vector<const std::string*> fresh;
    for (const std::string& target : targets) {
      TRY_ASSIGN(const auto known, history::first_sighting(db_, target));
      if (!known || *known > now) fresh.push_back(&target);
    }
    if (fresh.empty()) return {};
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    for (const std::string* target : fresh) TRY(sighted(db_, *target, now));
    return transaction.commit();
  });
}

Result<void> HistoryStore::begin(const Run& run) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY(be_owner());
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(history::insert_unfinished(db_, run, owner_->id()));
    return transaction.commit();
  });
}

Result<void> HistoryStore::finish(const Run& run) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(count(db_, run));
    return transaction.commit();
  });
}

Result<void> HistoryStore::probe() {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY(file_.check());
    TRY(be_owner());
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY_ASSIGN(const std::int64_t version, db_.integer("PRAGMA user_version"));
    // Writes the first page although the number stays the same.
    TRY(db_.run("PRAGMA user_version = " + std::to_string(version)));
    return transaction.commit();
  });
}

Result<void> HistoryStore::misfire(const std::string& target, const std::string& reason,
                                   TimePoint scheduled) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    Totals by;
    by.misfires[reason] = 1;
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY_ASSIGN(const bool is_new, history::note_misfire(db_, target, reason, scheduled));
    if (is_new) TRY(history::raise_totals(db_, target, by));
    return transaction.commit();
  });
}

Result<void> HistoryStore::seen(const std::string& target, const std::vector<std::string>& ids,
                                TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(history::see_backups(db_, target, ids, now));
    return transaction.commit();
  });
}

Result<void> HistoryStore::keep_looks(const std::string& target, const std::vector<Look>& looks,
                                      TimePoint now) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(history::write_looks(db_, target, looks, now));
    return transaction.commit();
  });
}

}  // namespace backproof
