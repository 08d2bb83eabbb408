// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_pragma.h"

#include <sqlite3.h>

#include <map>

#include "base/text.h"
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

Result<FindingList> ask(sqlite::Connection& connection, std::string_view pragma,
                        const std::string& sql) {
  FindingList findings;
  auto statement = connection.prepare(sql);
  if (!statement) return end_with_error(connection, pragma, std::move(findings));
  bool answered = false;
  while (true) {
    const auto row = statement->step();
    if (!row) return end_with_error(connection, pragma, std::move(findings));
    if (!*row) break;
    answered = true;
    if (statement->text(0) != "ok") add_lines(statement->text(0), findings);
  }
  if (!answered) return Error{Cause::internal, std::string(pragma) + " gave no answer", ""};
  return findings;
}

std::string columns_of(const SqliteForeignKey& key) {
  return text::printable(text::join(key.from, ", "));
}

}  // namespace

Result<FindingList> ask_integrity_check(sqlite::Connection& connection) {
  return ask(connection, "integrity_check", "PRAGMA main.integrity_check(10000)");
}

Result<FindingList> ask_quick_check(sqlite::Connection& connection) {
  return ask(connection, "quick_check", "PRAGMA main.quick_check(10000)");
}

Result<FindingList> ask_integrity_check(sqlite::Connection& connection, const std::string& table) {
  return ask(connection, "integrity_check", table_pragma("integrity_check", table));
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
