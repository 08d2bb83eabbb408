// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_database.h"

#include <optional>

#include "base/sqlite.h"
#include "db/sqlite_ask.h"
#include "db/sqlite_connect.h"
#include "db/sqlite_examination.h"

namespace backproof {
namespace {

class SqliteDatabase : public Database {
 public:
  SqliteDatabase(Path file, const SqliteSettings& settings, sqlite::Connection connection)
      : file_(std::move(file)), settings_(settings), connection_(std::move(connection)) {}

  const SelfCheck& self_check(const RunContext& context) override {
    if (!answer_) answer_ = examine_sqlite(file_, settings_, wanted_, context);
    return *answer_;
  }

  Dialect dialect() const override { return Dialect::sqlite; }

  Result<Answer> ask(const Question& question, const RunContext& context) override {
    return ask_sqlite(connection_, question, context.clock);
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
