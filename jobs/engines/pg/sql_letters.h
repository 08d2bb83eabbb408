// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

// The letters of PostgreSQL's SQL, as its lexer has them (src/backend/parser/scan.l). Bytes of
// characters beyond ASCII are letters.
namespace backproof::pg_sql {

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
constexpr bool begins_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & '\x80') != 0;
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool continues_tag(char c) {
  return begins_word(c) || is_digit(c);
}
constexpr bool continues_word(char c) {
  return continues_tag(c) || c == '$';
}
constexpr char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Of the line at the front of `text`, without what ends it.
inline std::size_t line_size(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  return std::min(line.find('\r'), line.size());
}

}  // namespace backproof::pg_sql
