// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include "history/errors.h"
#include "history/history.h"
#include "history/records.h"
#include "history/sql.h"
#include "history/totals.h"

namespace backproof {
namespace {

// So few that neither another thread nor another process waits long for the file.
constexpr std::int64_t batch_size = 500;

struct Batch {
  std::vector<std::string> ids;
  std::map<std::string, std::uint64_t> failures;  // by target: since its last pass
};

Result<Batch> oldest(sqlite::Connection& db, Verdict verdict, TimePoint before) {
  TRY_ASSIGN(auto rows, db.prepare(history::prunable_sql));
  rows.bind(1, name_of(verdict)).bind(2, history::microseconds(before)).bind(3, batch_size);
  Batch batch;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return batch;
    batch.ids.emplace_back(rows.text(0));
    if (rows.integer(2) != 0) ++batch.failures[std::string(rows.text(1))];
  }
}

Result<std::uint64_t> forget_batch(sqlite::Connection& db, Verdict verdict, TimePoint before) {
  TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db));
  TRY_ASSIGN(const Batch batch, oldest(db, verdict, before));
  {
    TRY_ASSIGN(auto forget, db.prepare("DELETE FROM runs WHERE id = ?1"));
    for (const std::string& id : batch.ids) {
      forget.reset();
      forget.bind(1, std::string_view(id));
      TRY(forget.step());
    }
  }
  for (const auto& [target, failures] : batch.failures)
    TRY(history::forget_failures(db, target, failures));
  TRY(transaction.commit());
  return std::uint64_t{batch.ids.size()};
}

}  // namespace

Result<std::uint64_t> HistoryStore::prune(const Retention& retention, TimePoint now) {
  std::uint64_t forgotten = 0;
  for (const Verdict verdict : {Verdict::passed, Verdict::failed, Verdict::inconclusive}) {
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
  return forgotten;
}

}  // namespace backproof
