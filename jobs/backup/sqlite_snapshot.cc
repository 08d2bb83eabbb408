// SPDX-License-Identifier: Apache-2.0
#include "backup/snapshot.h"
#include "base/text.h"
#include "db/sqlite_ask.h"
#include "db/sqlite_facts.h"
#include "db/sqlite_live.h"

namespace backproof {
namespace {

class SqliteSnapshot : public LiveSnapshot {
 public:
  SqliteSnapshot(SqliteLive live, Path file, TimePoint taken)
      : live_(std::move(live)), file_(std::move(file)), taken_(taken) {}

  Result<Manifest> manifest(const RunContext& context) override {
    Manifest manifest;
    manifest.engine = "sqlite";
    manifest.database = text::printable(file_.filename().native());
    manifest.taken = taken_;
    TRY_ASSIGN(manifest.server_version, live_.connection().text("SELECT sqlite_version()"));
    TRY_ASSIGN(manifest.application_id,
               live_.connection().integer("SELECT application_id FROM pragma_application_id"));
    TRY_ASSIGN(manifest.user_version,
               live_.connection().integer("SELECT user_version FROM pragma_user_version"));
    TRY_ASSIGN(manifest.tables,
               sqlite_facts(live_.connection(), {true, taken_ + std::chrono::days(1)}));
    TRY(add_content(manifest, Dialect::sqlite, asker(context)));
    return manifest;
  }

  Result<std::vector<std::string>> schema(const RunContext& context) override {
    return read_schema(Dialect::sqlite, asker(context));
  }

  Result<void> copy_to(int, const Path& file, bool as_sql, const RunContext& context) override {
    if (as_sql)
      return Error{Cause::internal, "a backup of SQLite is a database, not SQL",
                   "give it a name that does not end in .sql"};
    return live_.copy_to(file, context);
  }

 private:
  Asker asker(const RunContext& context) {
    return [this, &context](const Question& question) {
      return ask_sqlite(live_.connection(), question, context.clock);
    };
  }

  SqliteLive live_;
  Path file_;
  TimePoint taken_;
};

}  // namespace

Result<std::unique_ptr<LiveSnapshot>> open_sqlite_snapshot(const Path& file, const Clock& clock) {
  TRY_ASSIGN(SqliteLive live, SqliteLive::open(file));
  return std::unique_ptr<LiveSnapshot>(
      std::make_unique<SqliteSnapshot>(std::move(live), file, clock.now()));
}

}  // namespace backproof
