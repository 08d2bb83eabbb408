// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_count.h"

#include <algorithm>
#include <cstdio>

#include "base/digest.h"
#include "base/text.h"
#include "db/sqlite_connect.h"

namespace backproof {
namespace {

constexpr std::size_t longest_name = 300;

// Full-text tables may be made without the content that counting needs; their definition says so.
bool keeps_no_content(sqlite::Connection& connection, const SqliteTable& table) {
  auto statement =
      connection.prepare("SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?");
  if (!statement) return false;
  const auto row = statement->bind(1, std::string_view(table.name)).step();
  if (!row || !*row) return false;
  std::string sql;
  for (const char c : text::lower(statement->text(0)))
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') sql += c;
  return sql.find("content=''") != std::string::npos ||
         sql.find("content=\"\"") != std::string::npos ||
         sql.find("content=,") != std::string::npos || sql.find("content=)") != std::string::npos;
}

bool has_shadow(const SqliteCatalog& catalog, const SqliteTable& table, const char* suffix) {
  const SqliteTable* const found = catalog.find(table.name + suffix);
  return found != nullptr && found->is_shadow;
}

}  // namespace

Result<std::uint64_t> count_rows(sqlite::Connection& connection, const SqliteTable& table) {
  const std::string sql = "SELECT count(*) FROM main." + text::quote_identifier(table.name) +
                          (table.is_virtual ? "" : " NOT INDEXED");
  const auto rows = connection.integer(sql);
  if (rows) return static_cast<std::uint64_t>(*rows);
  const std::string doing = "counting " + text::printable(table.name, longest_name);
  if (is_own_trouble(connection)) return own_trouble(connection, doing);
  if (!table.is_virtual) return rows.error().while_doing(doing);
  Error error = connection.error(doing);
  error.cause = keeps_no_content(connection, table) ? Cause::missing_tool : Cause::damaged;
  return error;
}

FindingList ask_module(sqlite::Connection& connection, const SqliteCatalog& catalog,
                       const SqliteTable& table) {
  for (const char* part : {"_node", "_parent", "_rowid"})
    if (!has_shadow(catalog, table, part)) return {};
  auto statement = connection.prepare("SELECT rtreecheck('main', ?)");
  if (!statement) return {};  // built without it
  const auto row = statement->bind(1, std::string_view(table.name)).step();
  if (!row || !*row || statement->text(0) == "ok") return {};
  FindingList findings;
  for (const std::string_view line : text::split(statement->text(0), '\n'))
    if (!line.empty())
      findings.push_back(text::printable(table.name, longest_name) + ": " + text::printable(line));
  return findings;
}

std::string shown_name(const std::string& name) {
  if (name.size() <= longest_name) return name;
  std::size_t end = longest_name;
  while (end != 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;
  const Hash128 hash = hash128({reinterpret_cast<const unsigned char*>(name.data()), name.size()});
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(hash.low));
  return name.substr(0, end) + "..." + digest;
}

}  // namespace backproof
