// SPDX-License-Identifier: Apache-2.0
#include "engines/pg_words.h"

#include <algorithm>

namespace backproof {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_of_word(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// The length of a quoted text at the start of `sql`, both quotes included; 0 where it has no end.
std::size_t quoted_length(std::string_view sql) {
  const char quote = sql.front();
  for (std::size_t i = 1; i < sql.size(); ++i) {
    if (sql[i] != quote) continue;
    if (i + 1 == sql.size() || sql[i + 1] != quote) return i + 1;
    ++i;
  }
  return 0;
}

std::size_t part_length(std::string_view sql) {
  if (sql.empty()) return 0;
  if (sql.front() == '"') return quoted_length(sql);
  const auto end = std::find_if_not(sql.begin(), sql.end(), is_of_word);
  return static_cast<std::size_t>(end - sql.begin());
}

// Where the last part of a qualified name begins.
std::size_t last_part(std::string_view written) {
  std::size_t start = 0;
  while (true) {
    const std::size_t length = part_length(written.substr(start));
    if (length == 0 || start + length >= written.size() || written[start + length] != '.')
      return start;
    start += length + 1;
  }
}

}  // namespace

void PgWords::skip_blanks() {
  while (!rest_.empty()) {
    if (is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with("--")) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (rest_.starts_with("/*")) {
      const std::size_t end = rest_.find("*/", 2);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 2);
    } else {
      return;
    }
  }
}

bool PgWords::take(std::string_view keyword) {
  skip_blanks();
  if (rest_.size() < keyword.size()) return false;
  const std::string_view word = rest_.substr(0, keyword.size());
  if (!std::equal(word.begin(), word.end(), keyword.begin(),
                  [](char a, char b) { return lower(a) == lower(b); }))
    return false;
  const bool ends = rest_.size() == keyword.size() || !is_of_word(keyword.back()) ||
                    !is_of_word(rest_[keyword.size()]);
  if (ends) rest_.remove_prefix(keyword.size());
  return ends;
}

std::optional<std::string_view> PgWords::name() {
  skip_blanks();
  std::size_t length = part_length(rest_);
  if (length == 0) return std::nullopt;
  while (length < rest_.size() && rest_[length] == '.') {
    const std::size_t more = part_length(rest_.substr(length + 1));
    if (more == 0) return std::nullopt;
    length += 1 + more;
  }
  const std::string_view found = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return found;
}

std::optional<std::string> PgWords::text() {
  skip_blanks();
  if (rest_.empty() || rest_.front() != '\'') return std::nullopt;
  const std::size_t length = quoted_length(rest_);
  if (length == 0) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i + 1 < length; ++i) {
    value += rest_[i];
    if (rest_[i] == '\'') ++i;
  }
  rest_.remove_prefix(length);
  return value;
}

std::string_view PgWords::rest() {
  skip_blanks();
  return rest_;
}

std::string unquoted(std::string_view written) {
  const std::string_view part = written.substr(last_part(written));
  std::string value;
  if (part.starts_with('"')) {
    for (std::size_t i = 1; i + 1 < part.size(); ++i) {
      value += part[i];
      if (part[i] == '"') ++i;
    }
    return value;
  }
  std::transform(part.begin(), part.end(), std::back_inserter(value), lower);
  return value;
}

bool is_qualified(std::string_view written) {
  return last_part(written) != 0;
}

}  // namespace backproof
