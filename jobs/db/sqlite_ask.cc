// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_ask.h"

#include <sqlite3.h>

#include <algorithm>

namespace backproof {
namespace {

// Ends what a connection executes when the time is up.
class Deadline {
 public:
  Deadline(sqlite::Connection& connection, const Clock& clock, Duration timeout)
      : db_(connection.handle()), clock_(clock), end_(clock.elapsed() + timeout) {
    constexpr int steps_between = 10000;  // of SQLite's virtual machine: well below a millisecond
    sqlite3_progress_handler(
        db_, steps_between,
        [](void* self) { return static_cast<const Deadline*>(self)->is_over() ? 1 : 0; }, this);
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { sqlite3_progress_handler(db_, 0, nullptr, nullptr); }

  bool is_over() const { return clock_.elapsed() >= end_; }

 private:
  sqlite3* db_;
  const Clock& clock_;
  Duration end_;
};

// Why a question was not answered.
Error reason(const Error& error, const Deadline& deadline) {
  if (error.cause == Cause::cancelled && deadline.is_over())
    return {Cause::timeout, "the query took too long", "give the check a longer timeout"};
  const bool is_ours = error.cause == Cause::space || error.cause == Cause::damaged ||
                       error.cause == Cause::missing_tool;
  return {is_ours ? error.cause : Cause::internal, error.text, error.hint};
}

// SQLite compiles the first statement and leaves the rest alone.
bool is_all_of(sqlite::Connection& connection, const std::string& sql,
               const sqlite::Statement& statement) {
  const std::string_view first = sqlite3_sql(statement.handle());
  const std::string rest = sql.substr(std::min(sql.size(), first.size()));
  sqlite3_stmt* more = nullptr;
  const int code = sqlite3_prepare_v2(connection.handle(), rest.c_str(), -1, &more, nullptr);
  sqlite3_finalize(more);
  return code == SQLITE_OK && more == nullptr;
}

}  // namespace

Result<Answer> ask_sqlite(sqlite::Connection& connection, const Question& question,
                          const Clock& clock) {
  const Deadline deadline(connection, clock, question.timeout);
  auto prepared = connection.prepare(question.sql);
  const bool denied = !prepared && connection.code() == sqlite::Code::denied;
  if (denied || (prepared && sqlite3_stmt_readonly(prepared->handle()) == 0))
    return Error{Cause::internal, "the query does more than read", "ask with SELECT"};
  if (!prepared) return reason(prepared.error(), deadline);
  if (!is_all_of(connection, question.sql, *prepared))
    return Error{Cause::internal, "the query is more than one statement", "ask one at a time"};
  Answer answer;
  while (true) {
    const Result<bool> row = prepared->step();
    if (!row) return reason(row.error(), deadline);
    if (!*row) return answer;
    if (answer.size() == question.max_rows) return too_many_rows(question);
    auto& cells = answer.emplace_back();
    for (int column = 0; column < prepared->columns(); ++column)
      cells.push_back(prepared->is_null(column) ? Field() : Field(prepared->text(column)));
  }
}

}  // namespace backproof
