// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/words.h"

#include <algorithm>

#include "engines/pg/sql_letters.h"

namespace backproof {
namespace {

// The length of a quoted text at the start of `sql`, both quotes included; 0 where it has no end.
std::size_t quoted_length(std::string_view sql, bool escapes = false) {
  const char quote = sql.front();
  for (std::size_t i = 1; i < sql.size(); ++i) {
    if (escapes && sql[i] == '\\') {
      ++i;
    } else if (sql[i] == quote) {
      if (i + 1 == sql.size() || sql[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return 0;
}

// Of a comment that `sql` begins with, nested ones in it.
std::size_t comment_length(std::string_view sql) {
  std::size_t depth = 0, at = 0;
  while (at + 1 < sql.size()) {
    const std::string_view two = sql.substr(at, 2);
    if (two == "/*") ++depth;
    if (two == "*/") --depth;
    at += two == "/*" || two == "*/" ? 2U : 1U;
    if (depth == 0) return at;
  }
  return sql.size();
}

bool begins_escaped(std::string_view sql) {
  return sql.starts_with("E'") || sql.starts_with("e'");
}

std::size_t part_length(std::string_view sql) {
  if (sql.empty()) return 0;
  if (sql.front() == '"') return quoted_length(sql);
  const auto end = std::find_if_not(sql.begin(), sql.end(), pg_sql::continues_word);
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
    if (pg_sql::is_blank(rest_.front())) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with("--")) {
      rest_.remove_prefix(pg_sql::line_size(rest_));
    } else if (rest_.starts_with("/*")) {
      rest_.remove_prefix(comment_length(rest_));
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
                  [](char a, char b) { return pg_sql::small(a) == pg_sql::small(b); }))
    return false;
  const bool ends = rest_.size() == keyword.size() || !pg_sql::continues_word(keyword.back()) ||
                    !pg_sql::continues_word(rest_[keyword.size()]);
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
  const bool escapes = begins_escaped(rest_);
  const std::string_view quoted = rest_.substr(escapes ? 1 : 0);
  if (!quoted.starts_with('\'')) return std::nullopt;
  const std::size_t length = quoted_length(quoted, escapes);
  if (length == 0) return std::nullopt;
  std::string value;
  for (std::size_t i = 1; i + 1 < length; ++i) {
    if (quoted[i] == '\'' || (escapes && quoted[i] == '\\')) ++i;
    value += quoted[i];
  }
  rest_ = quoted.substr(length);
  return value;
}

void PgWords::skip() {
  skip_blanks();
  if (rest_.empty()) return;
  const bool escapes = begins_escaped(rest_);
  if (escapes) rest_.remove_prefix(1);
  const bool quoted = rest_.front() == '"' || rest_.front() == '\'';
  const std::size_t length = quoted ? quoted_length(rest_, escapes) : part_length(rest_);
  // One without an end takes all that is left.
  rest_.remove_prefix(length > 0 ? length : quoted ? rest_.size() : 1);
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
  std::transform(part.begin(), part.end(), std::back_inserter(value), pg_sql::small);
  return value;
}

bool is_qualified(std::string_view written) {
  return last_part(written) != 0;
}

}  // namespace backproof
