// SPDX-License-Identifier: Apache-2.0
#include "runner/damage/sqlite_sql.h"

#include "base/text.h"

namespace backproof::damage {
namespace {

// Behind what begins at `at`, where that is quoted or a comment; `at` where it is neither.
std::size_t behind_quoted(std::string_view sql, std::size_t at) {
  const auto until = [&](std::string_view end, std::size_t from) {
    const std::size_t found = sql.find(end, from);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  const char c = sql[at];
  if (c == '\'' || c == '"' || c == '`') return until(std::string_view(&sql[at], 1), at + 1);
  if (c == '[') return until("]", at + 1);
  if (sql.substr(at, 2) == "--") return until("\n", at + 2);
  if (sql.substr(at, 2) == "/*") return until("*/", at + 2);
  return at;
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '$' || (static_cast<unsigned>(c) & 0x80U);
}

// Behind the parenthesis that closes the one at `at`.
std::size_t behind_parentheses(std::string_view sql, std::size_t at) {
  int depth = 0;
  while (at < sql.size()) {
    if (const std::size_t behind = behind_quoted(sql, at); behind != at) {
      at = behind;
      continue;
    }
    if (sql[at] == '(') ++depth;
    if (sql[at] == ')' && --depth == 0) return at + 1;
    ++at;
  }
  return sql.size();
}

std::size_t behind_blanks(std::string_view sql, std::size_t at) {
  while (at < sql.size() &&
         (sql[at] == ' ' || sql[at] == '\n' || sql[at] == '\t' || sql[at] == '\r'))
    ++at;
  return at;
}

bool has_word(std::string_view sql, std::size_t at, std::string_view word) {
  const std::size_t end = at + word.size();
  return end <= sql.size() && text::lower(sql.substr(at, word.size())) == word &&
         (at == 0 || !is_word(sql[at - 1])) && (end == sql.size() || !is_word(sql[end]));
}

std::optional<Edit> constraint_at(std::string_view sql, std::size_t at, bool check) {
  if (check) {
    if (!has_word(sql, at, "check")) return std::nullopt;
    const std::size_t open = behind_blanks(sql, at + 5);
    if (open >= sql.size() || sql[open] != '(') return std::nullopt;
    return Edit{at, behind_parentheses(sql, open) - at};
  }
  if (!has_word(sql, at, "not")) return std::nullopt;
  const std::size_t null = behind_blanks(sql, at + 3);
  if (!has_word(sql, null, "null")) return std::nullopt;
  return Edit{at, null + 4 - at};
}

}  // namespace

std::string orphan_sql(const SqliteTable& table, const SqliteForeignKey& key,
                       const SqliteCatalog& catalog) {
  const std::string child = text::quote_identifier(table.name);
  const std::string parent = text::quote_identifier(key.parent);
  const std::string column = text::quote_identifier(key.from.front());
  std::string target;
  if (!key.to.empty()) {
    target = key.to.front();
  } else if (const SqliteTable* found = catalog.find(key.parent);
             found != nullptr && !found->primary_key.empty()) {
    target = found->columns[static_cast<std::size_t>(found->primary_key.front())].name;
  }
  const std::string of_parent = target.empty() ? "rowid" : text::quote_identifier(target);
  std::vector<std::string> all_set;
  for (const std::string& from : key.from)
    all_set.push_back(text::quote_identifier(from) + " IS NOT NULL");
  // Of a text the longest one is no longer the longest; a number is above all.
  return "UPDATE " + child + " SET " + column + " = (SELECT CASE typeof(max(" + of_parent +
         ")) WHEN 'integer' THEN max(" + of_parent + ") + 1000003 WHEN 'real' THEN max(" +
         of_parent + ") + 1000003 ELSE coalesce(max(" + of_parent + "), '') || 'orphan' END FROM " +
         parent + ") WHERE rowid = (SELECT min(rowid) FROM " + child + " WHERE " +
         text::join(all_set, " AND ") + ");\n";
}

std::optional<Edit> constraint_in(std::string_view create_table) {
  for (const bool check : {false, true})
    for (std::size_t at = 0; at < create_table.size();) {
      if (const std::size_t behind = behind_quoted(create_table, at); behind != at) {
        at = behind;
        continue;
      }
      if (const auto found = constraint_at(create_table, at, check)) return found;
      ++at;
    }
  return std::nullopt;
}

}  // namespace backproof::damage
