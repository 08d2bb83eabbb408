// SPDX-License-Identifier: Apache-2.0
#include "db/pg_snapshot.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "db/pg_questions.h"
#include "db/times.h"

namespace backproof {
namespace {

using pg::Connection;

// What goes wrong with a server in production says nothing of a backup.
Error of_source(const Connection& connection, const Error& error) {
  if (connection.failed().sqlstate == "55P03")
    return {Cause::timeout, "another session keeps a table locked: " + error.text,
            "try again when nobody changes tables"};
  if (error.cause == Cause::space || error.cause == Cause::timeout) return error;
  return {Cause::fetch, error.text, error.hint};
}

Result<void> run(Connection& connection, const std::string& sql) {
  if (const auto done = connection.run(sql); !done) return of_source(connection, done.error());
  return {};
}

Result<std::string> scalar(Connection& connection, const std::string& sql) {
  auto value = connection.scalar(sql);
  if (!value) return of_source(connection, value.error());
  return value;
}

// Connection's words for these are of a dump that was restored.
Error cannot_open(const Error& error) {
  if (error.cause == Cause::hostile)
    return {Cause::fetch, "the server lets the user not log in", ""};
  if (error.cause == Cause::missing_tool)
    return {Cause::fetch, "a library that the database wants in every session is not installed",
            ""};
  return {Cause::fetch, error.text, error.hint};
}

Result<Connection> open_session(const PgSource& source) {
  std::vector<std::string> settings = pg::reading_settings();
  // Who waits for a table to be changed stands in nobody's way, but he would wait for ever.
  settings.emplace_back("lock_timeout=1min");
  auto opened = Connection::open(source.conninfo, source.database, settings);
  if (!opened) return cannot_open(opened.error());
  if (const auto settled = pg::settle_encoding(*opened); !settled)
    return of_source(*opened, settled.error());
  TRY_ASSIGN(const std::string version,
             scalar(*opened, "SELECT current_setting('server_version_num')"));
  const std::uint64_t number = text::parse_count(version).value_or(0);
  if (number < 120000) return Error{Cause::version, "the server is older than PostgreSQL 12", ""};
  if (number >= 170000) TRY(run(*opened, "SET transaction_timeout = 0"));
  return opened;
}

Result<void> begin(Connection& connection, const std::string& snapshot) {
  TRY(run(connection, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"));
  if (snapshot.empty()) return {};
  const auto set = run(connection, "SET TRANSACTION SNAPSHOT " + pg::literal(snapshot));
  if (set) return {};
  return Error{set.error().cause,
               "cannot adopt snapshot " + text::printable(snapshot, 64) + ": " + set.error().text,
               "the session that exported it must be connected to the same database and keep its "
               "transaction open"};
}

}  // namespace

Result<PgSnapshot> PgSnapshot::open(const PgSource& source) {
  TRY_ASSIGN(Connection holder, open_session(source));
  TRY(begin(holder, source.snapshot));
  PgSnapshot snapshot(source, std::move(holder));
  TRY_ASSIGN(snapshot.id_, scalar(snapshot.holder_, "SELECT pg_export_snapshot()"));
  TRY(snapshot.describe());
  TRY(snapshot.lock_tables());
  return snapshot;
}

Result<void> PgSnapshot::describe() {
  const auto rows = holder_.query(
      "SELECT current_database(), split_part(current_setting('server_version'), ' ', 1), "
      "current_setting('server_encoding'), extract(epoch FROM now()), "
      "has_function_privilege('pg_control_system()', 'EXECUTE')");
  if (!rows) return of_source(holder_, rows.error());
  const pg::Row& row = rows->front();
  database_ = row[0].value_or("");
  server_version_ = row[1].value_or("");
  encoding_ = row[2].value_or("");
  taken_ = time_of_epoch(row[3]).value_or(TimePoint{});
  if (row[4] != "t") return {};
  TRY_ASSIGN(system_identifier_,
             scalar(holder_, "SELECT system_identifier FROM pg_control_system()"));
  return {};
}

// At once, so that nobody can drop or rewrite one before it is read.
Result<void> PgSnapshot::lock_tables() {
  constexpr std::size_t at_once = 500;
  auto tables = pg::user_tables(holder_);
  if (!tables) return of_source(holder_, tables.error());
  std::erase_if(*tables, [](const pg::Table& table) { return !table.in_dumps; });
  tables_ = *std::move(tables);
  std::string names;
  for (std::size_t i = 0; i < tables_.size(); ++i) {
    names += (names.empty() ? "ONLY " : ", ONLY ") + text::quote_identifier(tables_[i].schema) +
             "." + text::quote_identifier(tables_[i].name);
    if ((i + 1) % at_once != 0 && i + 1 != tables_.size()) continue;
    TRY(run(holder_, "LOCK TABLE " + names + " IN ACCESS SHARE MODE"));
    names.clear();
  }
  return {};
}

Result<std::vector<TableFact>> PgSnapshot::facts(
    const FactsWanted& wanted,
    const std::function<void(std::uintmax_t, std::uintmax_t)>& progress) {
  const auto join = [this]() -> Result<Connection> {
    TRY_ASSIGN(Connection connection, open_session(source_));
    TRY(begin(connection, id_));
    return connection;
  };
  const auto read = pg::read_tables(join, source_.sessions, wanted, tables_, progress);
  if (!read) {
    const bool ours = read.error().cause == Cause::space || read.error().cause == Cause::timeout;
    return Error{ours ? read.error().cause : Cause::fetch, read.error().text, read.error().hint};
  }
  std::vector<TableFact> facts;
  for (const pg::Table& table : tables_)
    facts.push_back(
        {table.schema, table.name, table.rows, table.bytes, table.newest, table.digest});
  return facts;
}

Result<Answer> PgSnapshot::ask(const Question& question) {
  TRY(run(holder_, "SAVEPOINT backproof_question"));
  auto answer = pg::ask(holder_, question);
  // Takes back what was set, closes the cursor, and mends a transaction in which something failed.
  for (const char* end :
       {"ROLLBACK TO SAVEPOINT backproof_question", "RELEASE SAVEPOINT backproof_question"})
    if (const auto done = holder_.run(end); !done && answer)
      return of_source(holder_, done.error());
  return answer;
}

}  // namespace backproof
