// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "history/backups.h"
#include "history/errors.h"
#include "history/history.h"
#include "history/records.h"
#include "history/sql.h"
#include "history/totals.h"

namespace backproof {
namespace {

// So few that neither another thread nor another process waits long for the file.
constexpr std::int64_t batch_size = 500;

constexpr std::array verdicts{Verdict::passed, Verdict::failed, Verdict::inconclusive};

struct Batch {
  std::vector<std::int64_t> runs;                 // their seq
  std::map<std::string, std::uint64_t> failures;  // by target: since its last pass
};

Result<Batch> oldest(sqlite::Connection& db, Verdict verdict, TimePoint before) {
  TRY_ASSIGN(auto rows, db.prepare(history::prunable_sql));
  rows.bind(1, name_of(verdict)).bind(2, history::microseconds(before)).bind(3, batch_size);
  Batch batch;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return batch;
    batch.runs.push_back(rows.integer(0));
    if (rows.integer(2) != 0) ++batch.failures[std::string(rows.text(1))];
  }
}

Result<std::uint64_t> forget_batch(sqlite::Connection& db, Verdict verdict, TimePoint before) {
  TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db));
  TRY_ASSIGN(const Batch batch, oldest(db, verdict, before));
  {
    TRY_ASSIGN(auto forget, db.prepare("DELETE FROM runs WHERE seq = ?1"));
    for (const std::int64_t seq : batch.runs) {
      forget.reset();
      forget.bind(1, seq);
      TRY(forget.step());
    }
  }
  for (const auto& [target, failures] : batch.failures)
    TRY(history::forget_failures(db, target, failures));
  TRY(transaction.commit());
  return std::uint64_t{batch.runs.size()};
}

// Some of the runs that a question of history/sql.h names lose their logs. How many.
Result<std::uint64_t> forget_logs(sqlite::Connection& db, std::string_view which,
                                  const std::function<void(sqlite::Statement&)>& bind) {
  TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db));
  TRY_ASSIGN(auto forget,
             db.prepare("UPDATE runs SET log = NULL WHERE seq IN (" + std::string(which) + ")"));
  forget.bind(1, batch_size);
  bind(forget);
  TRY(forget.step());
  const auto forgotten = static_cast<std::uint64_t>(db.last_changes());
  TRY(transaction.commit());
  return forgotten;
}

Result<std::vector<std::string>> logged_targets(sqlite::Connection& db) {
  TRY_ASSIGN(auto rows, db.prepare(history::logged_targets_sql));
  std::vector<std::string> targets;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return targets;
    targets.emplace_back(rows.text(0));
  }
}

Result<void> redate(sqlite::Connection& db, TimePoint now, TimePoint old) {
  TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db));
  for (const Verdict verdict : verdicts) {
    TRY_ASSIGN(auto change, db.prepare(history::redate_sql));
    change.bind(1, name_of(verdict)).bind(2, history::microseconds(now));
    change.bind(3, history::microseconds(old));
    TRY(change.step());
  }
  return transaction.commit();
}

}  // namespace

Result<std::uint64_t> HistoryStore::prune(const Retention& retention, TimePoint now) {
  {
    const std::lock_guard lock(mutex_);
    // The shorter retention: the runs that tell the age of others are there still.
    const Duration shortest = std::min({retention.passed, retention.not_passed, retention.logs});
    TRY(history::told([&] { return redate(db_, now, now - shortest); }));
  }
  {
    const std::lock_guard lock(mutex_);
    const Duration longest = std::max(retention.passed, retention.not_passed);
    TRY(history::told([&] { return history::forget_backups(db_, now - longest); }));
  }
  std::uint64_t forgotten = 0;
  for (const Verdict verdict : verdicts) {
    const TimePoint before =
        now - (verdict == Verdict::passed ? retention.passed : retention.not_passed);
    while (true) {
      // Released after every batch: whoever waits for the history gets its turn.
      const std::lock_guard lock(mutex_);
      TRY_ASSIGN(const std::uint64_t n,
                 history::told([&] { return forget_batch(db_, verdict, before); }));
      if (n == 0) break;
      forgotten += n;
    }
  }
  TRY(prune_logs(retention, now));
  return forgotten;
}

Result<void> HistoryStore::prune_logs(const Retention& retention, TimePoint now) {
  // Released after every batch, as above.
  const auto all = [&](std::string_view which,
                       const std::function<void(sqlite::Statement&)>& bind) -> Result<void> {
    while (true) {
      const std::lock_guard lock(mutex_);
      TRY_ASSIGN(const std::uint64_t n,
                 history::told([&] { return forget_logs(db_, which, bind); }));
      if (n == 0) return {};
    }
  };
  TRY(all(history::old_logs_sql, [&](sqlite::Statement& logs) {
    logs.bind(2, history::microseconds(now - retention.logs));
  }));
  std::vector<std::string> targets;
  {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(targets, history::told([&] { return logged_targets(db_); }));
  }
  for (const std::string& target : targets)
    TRY(all(history::surplus_logs_sql, [&](sqlite::Statement& logs) {
      logs.bind(2, std::string_view(target));
      logs.bind(3, static_cast<std::int64_t>(retention.logs_per_target));
    }));
  return {};
}

}  // namespace backproof
