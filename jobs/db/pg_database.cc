// SPDX-License-Identifier: Apache-2.0
#include "db/pg_database.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "db/pg_facts.h"
#include "db/pg_questions.h"

namespace backproof {
namespace {

using pg::Connection;
using pg::Findings;

void append(Examined& examined, const Findings& findings, std::size_t most) {
  for (const std::string& finding : findings)
    if (examined.findings.size() < most)
      examined.findings.push_back(finding);
    else
      ++examined.more;
}

class PgDatabase : public Database {
 public:
  PgDatabase(std::string conninfo, std::vector<PgRestored> restored, const PgSettings& settings,
             Connection connection)
      : conninfo_(std::move(conninfo)),
        restored_(std::move(restored)),
        settings_(settings),
        connection_(std::move(connection)) {}

  const SelfCheck& self_check(const RunContext& context) override {
    if (!answers_) answers_ = ask_all(context);
    return *answers_;
  }

  Dialect dialect() const override { return Dialect::postgresql; }

  Result<Answer> ask(const Question& question, const RunContext&) override {
    const std::string& wanted =
        question.database.empty() ? restored_.front().name : question.database;
    if (wanted != current_) {
      if (std::ranges::find(restored_, wanted, &PgRestored::name) == restored_.end())
        return Error{Cause::internal, "there is no restored database " + text::printable(wanted),
                     "name one that the dump makes"};
      TRY_ASSIGN(connection_, pg::open_for_questions(conninfo_, wanted));
      current_ = wanted;
    }
    TRY(connection_.run("BEGIN TRANSACTION READ ONLY"));
    auto answer = pg::ask(connection_, question);
    if (!connection_.is_idle()) (void)connection_.run("ROLLBACK");
    return answer;
  }

 private:
  SelfCheck ask_all(const RunContext& context) {
    SelfCheck answers{Examined{{}, 0, "the catalog and the rows"},
                      Examined{{}, 0, "validation by the server and anti-joins"},
                      std::vector<TableFact>{}};
    for (const PgRestored& database : restored_) {
      const Result<void> asked = ask(database, answers, context);
      if (asked) continue;
      // What one database does not answer, nobody knows.
      answers = {asked.error(), asked.error(), asked.error()};
      break;
    }
    return answers;
  }

  Result<void> ask(const PgRestored& database, SelfCheck& answers, const RunContext& context) {
    TRY_ASSIGN(Connection connection, pg::open_for_questions(conninfo_, database.name));
    TRY_ASSIGN(std::vector<pg::Table> tables, pg::user_tables(connection));
    TRY(pg::read_tables([&] { return pg::open_for_questions(conninfo_, database.name); },
                        settings_.sessions, wanted_, tables, context.progress));
    for (const pg::Table& table : tables)
      answers.tables->push_back(
          {restored_.size() > 1 ? database.name + "." + table.schema : table.schema, table.name,
           table.rows, table.bytes, table.newest, table.digest, table.in_dumps});

    TRY_ASSIGN(const Findings keys, pg::orphans(connection, database.proven_foreign_keys));
    append(*answers.foreign_keys, keys, settings_.max_findings);
    TRY_ASSIGN(const Findings indexes, pg::unusable_indexes(connection));
    append(*answers.integrity, indexes, settings_.max_findings);
    TRY_ASSIGN(const Findings sequences, pg::sequences_behind(connection));
    append(*answers.integrity, sequences, settings_.max_findings);
    TRY_ASSIGN(const Findings lost, lost_rows(connection, database, tables));
    append(*answers.integrity, lost, settings_.max_findings);
    return check_pages(connection, database, *answers.integrity);
  }

  // Every row that COPY gave is there: a trigger that was there before them can have left it out.
  static Result<Findings> lost_rows(Connection& connection, const PgRestored& database,
                                    const std::vector<pg::Table>& tables) {
    Findings findings;
    for (const auto& [oid, given] : database.rows) {
      TRY_ASSIGN(
          const pg::Rows found,
          connection.query("SELECT 1 FROM pg_class WHERE oid = $1::oid AND relkind = 'r'", {oid}));
      const auto table = std::find_if(tables.begin(), tables.end(),
                                      [&, &id = oid](const pg::Table& t) { return t.oid == id; });
      if (!found.empty() && table != tables.end() && table->rows < given)
        findings.push_back("table " + text::printable(table->schema + "." + table->name) +
                           " holds " + text::plural(table->rows, "row") + " of " +
                           text::format_count(given) + " that the dump gave");
    }
    return findings;
  }

  Result<void> check_pages(Connection& connection, const PgRestored& database,
                           Examined& integrity) {
    TRY_ASSIGN(const std::string bytes,
               connection.scalar("SELECT pg_database_size(current_database())"));
    if (text::parse_count(bytes).value_or(0) > settings_.amcheck_up_to) return {};
    // It may have to be installed into the database, which is why it comes last.
    TRY_ASSIGN(
        Connection writer,
        pg::open_without_triggers(conninfo_, database.name,
                                  {"search_path=pg_catalog", "default_transaction_read_only=off",
                                   "row_security=off", "statement_timeout=0", "lock_timeout=0"}));
    bool done = false;
    TRY_ASSIGN(const Findings pages, pg::amcheck(writer, done));
    append(integrity, pages, settings_.max_findings);
    if (done) integrity.how = "the catalog, the rows, and amcheck";
    return {};
  }

  std::string conninfo_;
  std::vector<PgRestored> restored_;
  PgSettings settings_;
  Connection connection_;  // to current_
  std::string current_ = restored_.front().name;
  std::optional<SelfCheck> answers_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_pg_database(const std::string& conninfo,
                                                   std::vector<PgRestored> restored,
                                                   const PgSettings& settings) {
  if (restored.empty()) return Error{Cause::internal, "no database was restored", ""};
  TRY_ASSIGN(Connection connection, pg::open_for_questions(conninfo, restored.front().name));
  return std::unique_ptr<Database>(
      std::make_unique<PgDatabase>(conninfo, std::move(restored), settings, std::move(connection)));
}

}  // namespace backproof
