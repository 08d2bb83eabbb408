// SPDX-License-Identifier: Apache-2.0
#include "history/totals.h"

#include <algorithm>
#include <limits>
#include <string_view>

namespace backproof::history {
namespace {

constexpr std::string_view forgotten = "forgotten_failures";

class Raise {
 public:
  static Result<Raise> prepare(sqlite::Connection& db, const std::string& target) {
    TRY_ASSIGN(auto statement, db.prepare(R"sql(
      INSERT INTO totals (target, name, label, value) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (target, name, label) DO UPDATE
      SET value = min(value, 9223372036854775807 - excluded.value) + excluded.value)sql"));
    return Raise(std::move(statement), target);
  }

  Result<void> operator()(std::string_view name, std::string_view label, std::uint64_t by) {
    constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
    if (by == 0) return {};
    statement_.reset();
    statement_.bind(1, std::string_view(target_)).bind(2, name).bind(3, label);
    statement_.bind(4, static_cast<std::int64_t>(std::min(by, most)));
    TRY(statement_.step());
    return {};
  }

  template <typename Key, typename Label>
  Result<void> operator()(std::string_view name, const std::map<Key, std::uint64_t>& by,
                          Label label) {
    for (const auto& [key, n] : by) TRY((*this)(name, label(key), n));
    return {};
  }

 private:
  Raise(sqlite::Statement statement, const std::string& target)
      : statement_(std::move(statement)), target_(target) {}
  sqlite::Statement statement_;
  std::string target_;
};

constexpr auto as_it_is = [](const std::string& label) -> std::string_view { return label; };
constexpr auto by_name = [](auto cause) { return name_of(cause); };

void put_drill_failures(Totals& totals, std::string_view label, std::uint64_t value) {
  for (const DrillCause cause : all_drill_causes)
    if (name_of(cause) == label) totals.drill_failures[cause] = value;
}

void put(Totals& totals, std::string_view name, std::string_view label, std::uint64_t value) {
  if (name == "runs") {
    totals.runs = value;
  } else if (name == "failures") {
    if (const auto cause = cause_named(label)) totals.failures[*cause] = value;
  } else if (name == "phase_microseconds") {
    if (const auto stage = stage_named(label))
      totals.phases[*stage] = Duration(static_cast<Duration::rep>(value));
  } else if (name == "checks") {
    totals.checks[std::string(label)] = value;
  } else if (name == "check_failures") {
    totals.check_failures[std::string(label)] = value;
  } else if (name == "misfires") {
    totals.misfires[std::string(label)] = value;
  } else if (name == "retries") {
    totals.retries = value;
  } else if (name == "restored_bytes") {
    totals.restored_bytes = value;
  } else if (name == "drills") {
    totals.drills = value;
  } else if (name == "drill_failures") {
    put_drill_failures(totals, label, value);
  }
}

}  // namespace

Totals totals_of(const Run& run) {
  Totals totals;
  totals.runs = 1;
  totals.retries = run.attempt > 1 ? 1 : 0;
  if (run.verdict != Verdict::passed)
    totals.failures[run.cause == Cause::none ? Cause::internal : run.cause] = 1;
  for (const StageResult& stage : run.stages)
    totals.phases[stage.stage] += std::max(stage.took, Duration{});
  for (const CheckResult& check : run.checks) {
    ++totals.checks[check.check];
    if (check.verdict != Verdict::passed) ++totals.check_failures[check.check];
  }
  totals.restored_bytes = run.restored_bytes;
  return totals;
}

Totals totals_of(const Drill& drill) {
  Totals totals;
  totals.drills = 1;
  if (drill.result != Verdict::passed)
    totals.drill_failures[drill.cause.value_or(DrillCause::internal)] = 1;
  return totals;
}

Result<void> raise_totals(sqlite::Connection& db, const std::string& target, const Totals& by) {
  TRY_ASSIGN(Raise raise, Raise::prepare(db, target));
  TRY(raise("runs", "", by.runs));
  TRY(raise("restored_bytes", "", by.restored_bytes));
  TRY(raise("failures", by.failures, by_name));
  TRY(raise("checks", by.checks, as_it_is));
  TRY(raise("check_failures", by.check_failures, as_it_is));
  TRY(raise("misfires", by.misfires, as_it_is));
  TRY(raise("retries", "", by.retries));
  TRY(raise("drills", "", by.drills));
  TRY(raise("drill_failures", by.drill_failures, by_name));
  for (const auto& [stage, took] : by.phases)
    TRY(raise("phase_microseconds", name_of(stage), static_cast<std::uint64_t>(took.count())));
  return {};
}

Result<Totals> read_totals(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto rows, db.prepare("SELECT name, label, value FROM totals WHERE target = ?1"));
  rows.bind(1, std::string_view(target));
  Totals totals;
  while (true) {
    TRY_ASSIGN(const bool row, rows.step());
    if (!row) return totals;
    put(totals, rows.text(0), rows.text(1), static_cast<std::uint64_t>(rows.integer(2)));
  }
}

Result<bool> note_misfire(sqlite::Connection& db, const std::string& target,
                          const std::string& reason, TimePoint scheduled) {
  TRY_ASSIGN(auto note, db.prepare(R"sql(
    INSERT INTO totals (target, name, label, value) VALUES (?1, 'last_misfire', ?2, ?3)
    ON CONFLICT (target, name, label) DO UPDATE SET value = excluded.value
    WHERE value <> excluded.value OR excluded.value = 0 RETURNING value)sql"));
  note.bind(1, std::string_view(target)).bind(2, std::string_view(reason));
  note.bind(3, std::max<std::int64_t>(0, scheduled.time_since_epoch().count()));
  return note.step();
}

Result<void> forget_failures(sqlite::Connection& db, const std::string& target, std::uint64_t n) {
  TRY_ASSIGN(Raise raise, Raise::prepare(db, target));
  return raise(forgotten, "", n);
}

Result<std::uint64_t> forgotten_failures(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto row, db.prepare("SELECT value FROM totals WHERE target = ?1 AND name = ?2"));
  row.bind(1, std::string_view(target)).bind(2, forgotten);
  TRY_ASSIGN(const bool found, row.step());
  return found ? static_cast<std::uint64_t>(row.integer(0)) : std::uint64_t{0};
}

Result<void> clear_forgotten_failures(sqlite::Connection& db, const std::string& target) {
  TRY_ASSIGN(auto clear, db.prepare("DELETE FROM totals WHERE target = ?1 AND name = ?2"));
  clear.bind(1, std::string_view(target)).bind(2, forgotten);
  TRY(clear.step());
  return {};
}

}  // namespace backproof::history
