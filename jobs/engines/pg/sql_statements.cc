// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/sql_statements.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "db/pg_connection.h"
#include "engines/pg/sql_letters.h"
#include "engines/pg/words.h"

namespace backproof {
namespace {

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
  if (words.take("COPY"))
    return read_copy_in(sql) ? StatementKind::copy_in : StatementKind::copy_outside;
  if (is_setting(sql)) return StatementKind::setting;
  if (words.take("UPDATE"))
    return take_of_catalog(words, "pg_database") ? StatementKind::before_database
                                                 : StatementKind::other;
  if (words.take("DROP", "DATABASE") || words.take("ALTER", "DATABASE"))
    return StatementKind::before_database;
  return words.take("CREATE", "DATABASE") ? StatementKind::create_database : StatementKind::other;
}

std::optional<SqlCopyIn> read_copy_in(std::string_view sql) {
  PgWords words(sql);
  SqlCopyIn copy;
  if (!words.take("COPY")) return std::nullopt;
  const auto table = words.name();
  if (!table) return std::nullopt;
  copy.table = *table;
  if (words.take("(")) {
    do {
      const auto column = words.name();
      if (!column) return std::nullopt;
      copy.columns.push_back(unquoted(*column));
    } while (words.take(","));
    if (!words.take(")")) return std::nullopt;
  }
  if (!words.take("FROM", "STDIN")) return std::nullopt;
  words.take(";");
  copy.as_text = words.at_end();
  return copy;
}

bool is_setting(std::string_view sql) {
  PgWords words(sql);
  if (words.take("RESET")) return true;
  if (words.take("SELECT")) {
    const bool sets = take_of_catalog(words, "set_config") && words.take("(") && words.text() &&
                      words.take(",") && words.text() && words.take(",") && words.name() &&
                      words.take(")");
    words.take(";");
    return sets && words.at_end();
  }
  if (!words.take("SET")) return false;
  return !words.take("LOCAL") && !words.take("CONSTRAINTS") && !words.take("TRANSACTION");
}

SqlSetting read_setting(std::string_view sql) {
  PgWords words(sql);
  if (!words.take("SET")) return {};
  if (!words.take("SESSION")) words.take("LOCAL");
  if (words.take("NAMES")) return {"client_encoding", value_of_option(words)};
  const auto name = words.name();
  if (!name || !(words.take("=") || words.take("TO"))) return {};
  return {text::lower(unquoted(*name)), value_of_option(words)};
}

CreatedDatabase created_database(std::string_view sql) {
  static constexpr std::array<std::string_view, 7> of_locale{
      "LOCALE_PROVIDER", "LOCALE",    "LC_COLLATE",    "LC_CTYPE",
      "ICU_LOCALE",      "ICU_RULES", "BUILTIN_LOCALE"};
  PgWords words(sql);
  CreatedDatabase created;
  if (!words.take("CREATE", "DATABASE")) return created;
  created.name = unquoted(words.name().value_or(""));
  std::string collate;
  while (!words.at_end()) {
    const auto option = std::find_if(of_locale.begin(), of_locale.end(),
                                     [&](std::string_view name) { return words.take(name); });
    const bool encoding = option == of_locale.end() && words.take("ENCODING");
    if (option == of_locale.end() && !encoding && !words.take("TABLESPACE")) {
      words.skip();
      continue;
    }
    words.take("=");
    const std::string value = value_of_option(words);
    if (option == of_locale.end()) {
      (encoding ? created.encoding : created.tablespace) = value;
      continue;
    }
    created.locale_options.append(" ").append(*option).append(" = ").append(pg::literal(value));
    if (*option == "LOCALE") created.locale = value;
    if (*option == "LC_COLLATE") collate = value;
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
