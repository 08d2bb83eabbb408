// SPDX-License-Identifier: Apache-2.0
#include "history/selftests.h"

#include "history/errors.h"
#include "history/history.h"
#include "history/records.h"

namespace backproof {
namespace {

constexpr std::int64_t most_kept = 100;

Result<void> insert(sqlite::Connection& db, const Selftest& selftest) {
  TRY_ASSIGN(auto row, db.prepare("INSERT INTO selftests (target, ended, result, document) "
                                  "VALUES (?1, ?2, ?3, ?4)"));
  row.bind(1, std::string_view(selftest.target));
  row.bind(2, history::microseconds(end_of(selftest)));
  row.bind(3, name_of(selftest.result));
  row.bind(4, std::string_view(to_json(selftest)));
  TRY(row.step());
  return {};
}

// The last answer stays, however many could not be done after it.
Result<void> forget_old(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto old, db.prepare("DELETE FROM selftests WHERE target = ?1 AND seq NOT IN "
                                  "(SELECT seq FROM selftests WHERE target = ?1 "
                                  " ORDER BY seq DESC LIMIT ?2) AND seq <> "
                                  "(SELECT coalesce(max(seq), 0) FROM selftests "
                                  " WHERE target = ?1 AND result <> 'inconclusive')"));
  old.bind(1, std::string_view(target)).bind(2, most_kept);
  TRY(old.step());
  return {};
}

Result<std::optional<Selftest>> one(sqlite::Connection& db, std::string_view sql,
                                    const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare(sql));
  row.bind(1, std::string_view(target));
  TRY_ASSIGN(const bool there, row.step());
  if (!there) return std::optional<Selftest>();
  TRY_ASSIGN(Selftest selftest, history::understood(selftest_from_json(row.text(0))));
  return std::optional<Selftest>(std::move(selftest));
}

}  // namespace

Result<std::optional<Selftest>> history::last_selftest(sqlite::Connection& db,
                                                       const std::string& target) {
  return one(db,
             "SELECT document FROM selftests WHERE target = ?1 AND result <> 'inconclusive' "
             "ORDER BY seq DESC LIMIT 1",
             target);
}

Result<std::optional<Selftest>> history::undone_selftest(sqlite::Connection& db,
                                                         const std::string& target) {
  return one(db,
             "SELECT document FROM selftests WHERE result = 'inconclusive' AND seq = "
             "(SELECT max(seq) FROM selftests WHERE target = ?1)",
             target);
}

Result<void> HistoryStore::record(const Selftest& selftest) {
  const std::lock_guard lock(mutex_);
  return history::told([&]() -> Result<void> {
    TRY_ASSIGN(auto transaction, sqlite::Transaction::begin(db_));
    TRY(insert(db_, selftest));
    TRY(forget_old(db_, selftest.target));
    return transaction.commit();
  });
}

}  // namespace backproof
