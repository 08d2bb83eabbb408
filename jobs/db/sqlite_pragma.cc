// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_pragma.h"

#include <sqlite3.h>

#include <map>

#include "base/text.h"
#include "db/sqlite_confirm.h"
#include "db/sqlite_connect.h"

namespace backproof {
namespace {

// The error of the last call, as a finding behind those that came before it.
Result<FindingList> end_with_error(const sqlite::Connection& connection, std::string_view doing,
                                   FindingList findings) {
  if (is_own_trouble(connection)) return own_trouble(connection, doing);
  findings.push_back(text::printable(connection.error(doing).text));
  return findings;
}

void add_lines(std::string_view answer, FindingList& findings) {
  for (const std::string_view line : text::split(answer, '\n'))
    if (!line.empty() && !line.starts_with("*** in database "))
      findings.push_back(text::printable(line));
}

constexpr std::size_t most_findings = 10'000;
constexpr std::size_t most_of_a_table = 100;  // what SQLite stops at when a table is named

struct Asked {
  FindingList findings;
  std::size_t refuted = 0, all = 0;  // answers of SQLite
};

Result<Asked> ask(sqlite::Connection& connection, std::string_view pragma, const std::string& sql,
                  Confirmation& confirmation) {
  Asked asked;
  const auto broken_off = [&]() -> Result<Asked> {
    TRY_ASSIGN(asked.findings, end_with_error(connection, pragma, std::move(asked.findings)));
    return std::move(asked);
  };
  auto statement = connection.prepare(sql);
  if (!statement) return broken_off();
  while (asked.findings.size() < most_findings) {
    const auto row = statement->step();
    if (!row) return broken_off();
    if (!*row) break;
    ++asked.all;
    if (confirmation.refutes(statement->text(0))) {
      ++asked.refuted;
    } else if (statement->text(0) != "ok") {
      add_lines(statement->text(0), asked.findings);
    }
  }
  if (asked.all == 0) return Error{Cause::internal, std::string(pragma) + " gave no answer", ""};
  return asked;
}

// The refuted findings may have used up the room for others: then without a limit. What SQLite
// collects in memory (errors of b-trees) came first, and there was none.
Result<FindingList> ask_file(sqlite::Connection& connection, std::string_view pragma,
                             const SqliteCatalog& catalog) {
  Confirmation confirmation(connection, catalog);
  const std::string sql = "PRAGMA main." + std::string(pragma);
  TRY_ASSIGN(Asked asked, ask(connection, pragma, sql + "(" + std::to_string(most_findings) + ")",
                              confirmation));
  if (!asked.findings.empty() || asked.refuted == 0 || asked.all < most_findings)
    return std::move(asked.findings);
  TRY_ASSIGN(asked, ask(connection, pragma, sql + "(2147483647)", confirmation));
  return std::move(asked.findings);
}

std::string columns_of(const SqliteForeignKey& key) {
  return text::printable(text::join(key.from, ", "));
}

}  // namespace

Result<FindingList> ask_integrity_check(sqlite::Connection& connection,
                                        const SqliteCatalog& catalog) {
  return ask_file(connection, "integrity_check", catalog);
}

Result<FindingList> ask_quick_check(sqlite::Connection& connection, const SqliteCatalog& catalog) {
  return ask_file(connection, "quick_check", catalog);
}

Result<FindingList> ask_integrity_check(sqlite::Connection& connection,
                                        const SqliteCatalog& catalog, const SqliteTable& table) {
  constexpr std::string_view pragma = "integrity_check";
  Confirmation confirmation(connection, catalog);
  TRY_ASSIGN(Asked asked, ask(connection, pragma, table_pragma(pragma, table.name), confirmation));
  if (asked.findings.empty() && asked.refuted != 0 && asked.all >= most_of_a_table)
    return ask_file(connection, pragma, catalog);
  return std::move(asked.findings);
}

Result<FindingList> ask_foreign_key_check(sqlite::Connection& connection,
                                          const SqliteTable& table) {
  constexpr std::string_view doing = "foreign_key_check";
  FindingList findings;
  auto statement = connection.prepare(table_pragma(doing, table.name));
  if (!statement) return end_with_error(connection, doing, std::move(findings));
  std::map<std::int64_t, std::uint64_t> orphans;  // by foreign key
  std::optional<Result<FindingList>> broken_off;
  while (true) {
    const auto row = statement->step();
    if (!row) broken_off = end_with_error(connection, doing, {});
    if (!row || !*row) break;
    ++orphans[statement->integer(3)];
  }
  for (const auto& [id, rows] : orphans) {
    const auto index = static_cast<std::size_t>(id);
    const bool known = index < table.foreign_keys.size();
    const SqliteForeignKey key = known ? table.foreign_keys[index] : SqliteForeignKey{};
    findings.push_back(text::plural(rows, "row") + " of " + text::printable(table.name) + " (" +
                       columns_of(key) + ") without a parent row in " +
                       text::printable(key.parent));
  }
  if (!broken_off) return findings;
  if (!*broken_off) return broken_off->error();
  findings.insert(findings.end(), (*broken_off)->begin(), (*broken_off)->end());
  return findings;
}

}  // namespace backproof
