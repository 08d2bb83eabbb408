// SPDX-License-Identifier: Apache-2.0
#include "engines/pg_sql_tokens.h"

#include <algorithm>

#include "engines/pg_sql_letters.h"

namespace backproof {
namespace {

constexpr std::size_t longest_token = 1024;

std::size_t length_of_word(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && pg_sql::continues_word(text[n])) ++n;
  return n;
}

// Of a comment that text begins with, nested ones in it.
std::size_t length_of_comment(std::string_view text) {
  std::size_t depth = 0, at = 0;
  while (at + 1 < text.size()) {
    const std::string_view two = text.substr(at, 2);
    if (two == "/*") {
      ++depth;
      at += 2;
    } else if (two == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

void PgTokens::skip_blanks() {
  while (!rest_.empty()) {
    if (pg_sql::is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with("--")) {
      rest_.remove_prefix(pg_sql::line_size(rest_));
    } else if (rest_.starts_with("/*")) {
      rest_.remove_prefix(length_of_comment(rest_));
    } else {
      return;
    }
  }
}

// `rest_` stands behind the opening quote.
PgToken PgTokens::quoted(char quote, bool escapes) {
  PgToken token{quote == '"' ? PgToken::Kind::quoted : PgToken::Kind::string, ""};
  while (!rest_.empty()) {
    char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == quote) {
      if (!rest_.starts_with(quote)) break;
      rest_.remove_prefix(1);
    } else if (escapes && c == '\\' && !rest_.empty()) {
      c = rest_.front();
      rest_.remove_prefix(1);
    }
    if (token.text.size() < longest_token) token.text += c;
  }
  return token;
}

PgToken PgTokens::next() {
  skip_blanks();
  if (rest_.empty()) return {};
  const char c = rest_.front();
  if (c == '\'' || c == '"') {
    rest_.remove_prefix(1);
    return quoted(c, false);
  }
  if (!pg_sql::begins_word(c)) {
    rest_.remove_prefix(1);
    return {PgToken::Kind::symbol, std::string(1, c)};
  }
  const std::size_t n = length_of_word(rest_);
  PgToken word{PgToken::Kind::word, std::string(rest_.substr(0, std::min(n, longest_token)))};
  std::transform(word.text.begin(), word.text.end(), word.text.begin(), pg_sql::small);
  rest_.remove_prefix(n);
  if (word.text != "e" || !rest_.starts_with('\'')) return word;
  rest_.remove_prefix(1);
  return quoted('\'', true);
}

}  // namespace backproof
