// SPDX-License-Identifier: Apache-2.0
#include "engines/sql_splitter.h"

namespace backproof {
namespace {

constexpr std::size_t longest_keyword = 32;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '$' || (c & '\x80') != 0;
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

// Any token but a word, a semicolon or a blank.
void SqlSplitter::token() {
  blank_ = false;
  if (at_ == At::start || at_ == At::create) at_ = At::plain;
  if (at_ == At::after_semicolon || at_ == At::after_end) at_ = At::body;
}

void SqlSplitter::word_ends() {
  in_ = In::code;
  const bool temporary = word_ == "TEMP" || word_ == "TEMPORARY";
  const bool special = temporary || word_ == "TRIGGER" || word_ == "END" || word_ == "EXPLAIN";
  const bool begins = at_ == At::start || at_ == At::explain;
  if (begins && word_ == "CREATE") {
    at_ = At::create;
  } else if (at_ == At::start && word_ == "EXPLAIN") {
    at_ = At::explain;
  } else if (at_ == At::explain && special) {
    at_ = At::plain;
  } else if (at_ == At::create && word_ == "TRIGGER") {
    at_ = At::body;
  } else if (at_ == At::after_semicolon && word_ == "END") {
    at_ = At::after_end;
  } else if (!(at_ == At::create && temporary)) {
    token();
  }
  word_.clear();
}

bool SqlSplitter::semicolon_ends() {
  if (at_ == At::body || at_ == At::after_semicolon) {
    at_ = At::after_semicolon;
    return false;
  }
  return true;
}

// One character outside of quotes, comments and words; true when the statement ends with it.
bool SqlSplitter::code(char c) {
  if (c == ';') return semicolon_ends();
  if (c == '-' && previous_ == '-') {
    in_ = In::line_comment;
    return false;
  }
  if (c == '*' && previous_ == '/') {
    in_ = In::block_comment;
    return false;
  }
  // A single - or / may begin a comment: it is a token only once the next character is known.
  if (previous_ == '-' || previous_ == '/') token();
  if (is_blank(c) || c == '-' || c == '/') return false;
  if (is_word(c)) {
    blank_ = false;
    in_ = In::word;
    word_.assign(1, upper(c));
    return false;
  }
  if (blank_) dot_command_ = c == '.';
  token();
  if (c == '\'') in_ = In::single_quote;
  if (c == '"') in_ = In::double_quote;
  if (c == '`') in_ = In::backtick;
  if (c == '[') in_ = In::bracket;
  return false;
}

std::optional<std::size_t> SqlSplitter::end_of(std::string_view pending) {
  for (; done_ < pending.size(); ++done_) {
    const char c = pending[done_];
    const bool was_comment = in_ == In::block_comment;
    switch (in_) {
      case In::word:
        if (is_word(c)) {
          if (word_.size() < longest_keyword) word_ += upper(c);
          break;
        }
        word_ends();
        [[fallthrough]];
      case In::code:
        if (code(c)) return ++done_;
        break;
      // A doubled quote inside is the end and a new beginning, which comes to the same.
      case In::single_quote:
        if (c == '\'') in_ = In::code;
        break;
      case In::double_quote:
        if (c == '"') in_ = In::code;
        break;
      case In::backtick:
        if (c == '`') in_ = In::code;
        break;
      case In::bracket:
        if (c == ']') in_ = In::code;
        break;
      case In::line_comment:
        if (c == '\n') in_ = In::code;
        break;
      case In::block_comment:
        if (c == '/' && previous_ == '*') in_ = In::code;
        break;
    }
    // The star that opens a comment does not close it, nor does its end begin another one.
    previous_ = was_comment != (in_ == In::block_comment) ? '\0' : c;
  }
  return std::nullopt;
}

std::string first_keyword(std::string_view statement) {
  std::size_t i = 0;
  while (i < statement.size()) {
    const std::string_view rest = statement.substr(i);
    if (is_blank(rest.front()) || rest.front() == ';') {
      ++i;
    } else if (rest.starts_with("--")) {
      const std::size_t end = rest.find('\n');
      i = end == std::string_view::npos ? statement.size() : i + end + 1;
    } else if (rest.starts_with("/*")) {
      const std::size_t end = rest.find("*/", 2);
      i = end == std::string_view::npos ? statement.size() : i + end + 2;
    } else if (rest.starts_with("\xef\xbb\xbf")) {
      i += 3;  // SQLite takes a byte order mark for a blank
    } else {
      break;
    }
  }
  if (i < statement.size() && statement[i] == '.') return ".";
  std::string word;
  for (; i < statement.size() && is_letter(statement[i]) && word.size() < longest_keyword; ++i)
    word += upper(statement[i]);
  return word;
}

}  // namespace backproof
