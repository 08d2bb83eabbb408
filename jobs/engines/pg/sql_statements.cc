// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/sql_statements.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engines/pg/sql_letters.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

// Behind the word COPY. The first FROM or TO outside of parentheses and quotes decides.
StatementKind kind_of_copy(PgWords& words) {
  std::size_t parens = 0;
  while (!words.at_end()) {
    if (words.take("(")) {
      ++parens;
    } else if (words.take(")")) {
      if (parens > 0) --parens;
    } else if (parens == 0 && words.take("TO")) {
      return StatementKind::copy_outside;
    } else if (parens == 0 && words.take("FROM")) {
      return words.take("STDIN") ? StatementKind::copy_in : StatementKind::copy_outside;
    } else {
      words.skip();
    }
  }
  return StatementKind::other;
}

// A string, or a word in small letters.
std::string value_of_option(PgWords& words) {
  if (auto value = words.text()) return *std::move(value);
  return unquoted(words.name().value_or(""));
}

bool take_of_catalog(PgWords& words, std::string_view name) {
  words.take("pg_catalog", ".");
  return words.take(name);
}

}  // namespace

StatementKind kind_of_statement(std::string_view sql) {
  // Most statements of a dump with --inserts need no more than a look at their first letter.
  static constexpr std::string_view letters = "acdrsu";
  if (sql.empty() || letters.find(pg_sql::small(sql.front())) == std::string_view::npos)
    return StatementKind::other;
  PgWords words(sql);
  if (words.take("COPY")) return kind_of_copy(words);
  if (is_setting(sql)) return StatementKind::setting;
  if (words.take("UPDATE"))
    return take_of_catalog(words, "pg_database") ? StatementKind::before_database
                                                 : StatementKind::other;
  if (words.take("DROP", "DATABASE") || words.take("ALTER", "DATABASE"))
    return StatementKind::before_database;
  return words.take("CREATE", "DATABASE") ? StatementKind::create_database : StatementKind::other;
}

bool is_setting(std::string_view sql) {
  PgWords words(sql);
  if (words.take("RESET")) return true;
  if (words.take("SELECT")) return take_of_catalog(words, "set_config");
  if (!words.take("SET")) return false;
  return !words.take("LOCAL") && !words.take("CONSTRAINTS") && !words.take("TRANSACTION");
}

SqlSetting read_setting(std::string_view sql) {
  PgWords words(sql);
  if (!words.take("SET")) return {};
  if (!words.take("SESSION")) words.take("LOCAL");
  const auto name = words.name();
  if (!name || !(words.take("=") || words.take("TO"))) return {};
  return {text::lower(unquoted(*name)), value_of_option(words)};
}

CreatedDatabase created_database(std::string_view sql) {
  PgWords words(sql);
  CreatedDatabase created;
  if (!words.take("CREATE", "DATABASE")) return created;
  created.name = unquoted(words.name().value_or(""));
  std::string collate;
  while (!words.at_end()) {
    std::string* const into = words.take("ENCODING")     ? &created.encoding
                              : words.take("LOCALE")     ? &created.locale
                              : words.take("LC_COLLATE") ? &collate
                                                         : nullptr;
    if (into == nullptr) {
      words.skip();
      continue;
    }
    words.take("=");
    *into = value_of_option(words);
  }
  if (created.locale.empty()) created.locale = collate;
  return created;
}

bool has_double_bytes(std::string_view encoding) {
  static constexpr std::array<std::string_view, 14> names{
      "sjis",       "shiftjis", "mskanji",    "win932",  "windows932", "big5", "win950",
      "windows950", "gbk",      "windows936", "gb18030", "windows949", "uhc",  "johab"};
  std::string plain;
  for (const char c : encoding.substr(0, 40))
    if (c != '_' && c != '-') plain += pg_sql::small(c);
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return plain.starts_with(name); });
}

}  // namespace backproof
