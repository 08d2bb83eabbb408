// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_database.h"

#include <sqlite3.h>

#include <optional>

#include "base/sqlite.h"
#include "db/sqlite_connect.h"
#include "db/sqlite_examination.h"

namespace backproof {
namespace {

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(Path file, const SqliteSettings& settings, sqlite::Connection connection)
      : file_(std::move(file)), settings_(settings), connection_(std::move(connection)) {}

  const SelfCheck& self_check(const RunContext& context) override {
    if (!answer_) answer_ = examine_sqlite(file_, settings_, context);
    return *answer_;
  }

  Result<std::string> scalar(std::string_view sql, const RunContext&) override {
    auto prepared = connection_.prepare(sql);
    const bool denied = !prepared && connection_.code() == sqlite::Code::denied;
    if (denied || (prepared && sqlite3_stmt_readonly(prepared->handle()) == 0))
      return Error{Cause::internal, "the query does more than read", "ask with SELECT"};
    TRY_ASSIGN(sqlite::Statement statement, std::move(prepared));
    if (statement.columns() != 1)
      return Error{Cause::internal,
                   "the query gives " + std::to_string(statement.columns()) + " columns",
                   "ask for exactly one value"};
    TRY_ASSIGN(const bool row, statement.step());
    if (!row) return Error{Cause::internal, "the query gives no row", "ask for exactly one value"};
    std::string value(statement.text(0));
    TRY_ASSIGN(const bool another, statement.step());
    if (another)
      return Error{Cause::internal, "the query gives more than one row",
                   "ask for exactly one value"};
    return value;
  }

 private:
  Path file_;
  SqliteSettings settings_;
  sqlite::Connection connection_;
  std::optional<SelfCheck> answer_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite_database(const Path& file,
                                                       const SqliteSettings& settings) {
  TRY_ASSIGN(sqlite::Connection connection, connect_readonly(file));
  TRY(check_cells(connection));
  return std::unique_ptr<Database>(
      std::make_unique<SqliteDatabase>(file, settings, std::move(connection)));
}

}  // namespace backproof
