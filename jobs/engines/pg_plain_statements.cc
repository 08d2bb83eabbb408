// SPDX-License-Identifier: Apache-2.0
#include "engines/pg_plain_statements.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engines/pg_sql_letters.h"
#include "engines/pg_sql_tokens.h"

namespace backproof {
namespace {

// Behind the word COPY. The first FROM or TO outside of parentheses and quotes decides.
PlainStatement kind_of_copy(PgTokens& tokens) {
  std::size_t parens = 0;
  for (PgToken token = tokens.next(); token.kind != PgToken::Kind::end; token = tokens.next()) {
    if (token.symbol('(')) ++parens;
    if (token.symbol(')') && parens > 0) --parens;
    if (parens > 0) continue;
    if (token.word("to")) return PlainStatement::copy_outside;
    if (token.word("from"))
      return tokens.next().word("stdin") ? PlainStatement::copy_in : PlainStatement::copy_outside;
  }
  return PlainStatement::other;
}

PgToken next_behind_dot(PgTokens& tokens, std::string_view schema) {
  PgToken token = tokens.next();
  if (!token.word(schema)) return token;
  tokens.next();
  return tokens.next();
}

}  // namespace

PlainStatement kind_of_statement(std::string_view sql) {
  // Most statements of a dump with --inserts need no more than a look at their first letter.
  static constexpr std::string_view letters = "acdsu";
  if (sql.empty() || letters.find(pg_sql::small(sql.front())) == std::string_view::npos)
    return PlainStatement::other;
  PgTokens tokens(sql);
  const PgToken first = tokens.next();
  if (first.word("copy")) return kind_of_copy(tokens);
  if (first.word("set")) return PlainStatement::setting;
  if (first.word("select") && next_behind_dot(tokens, "pg_catalog").word("set_config"))
    return PlainStatement::setting;
  if (first.word("update") && next_behind_dot(tokens, "pg_catalog").word("pg_database"))
    return PlainStatement::before_database;
  if ((first.word("drop") || first.word("alter")) && tokens.next().word("database"))
    return PlainStatement::before_database;
  if (first.word("create") && tokens.next().word("database"))
    return PlainStatement::create_database;
  return PlainStatement::other;
}

PlainSetting read_setting(std::string_view sql) {
  PgTokens tokens(sql);
  if (!tokens.next().word("set")) return {};
  PgToken name = tokens.next();
  if (name.word("session") || name.word("local")) name = tokens.next();
  const PgToken equals = tokens.next();
  if (!name.name() || !(equals.symbol('=') || equals.word("to"))) return {};
  return {text::lower(name.text), tokens.next().text};
}

CreatedDatabase created_database(std::string_view sql) {
  PgTokens tokens(sql);
  tokens.next();
  tokens.next();
  CreatedDatabase created{tokens.next().text, ""};
  std::string locale, collate;
  for (PgToken token = tokens.next(); token.kind != PgToken::Kind::end; token = tokens.next()) {
    std::string* const into = token.word("locale")       ? &locale
                              : token.word("lc_collate") ? &collate
                                                         : nullptr;
    if (into == nullptr) continue;
    token = tokens.next();
    if (token.symbol('=')) token = tokens.next();
    *into = token.text;
  }
  created.locale = locale.empty() ? collate : locale;
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
