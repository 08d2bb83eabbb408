// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/sql_scanner.h"

#include <algorithm>
#include <array>

#include "engines/pg/sql_letters.h"

namespace backproof {
namespace {

enum class Class : unsigned char { dull, word, special };

constexpr std::array<Class, 256> classes = [] {
  std::array<Class, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    if (pg_sql::begins_word(static_cast<char>(i))) table[i] = Class::word;
  for (const char c : std::string_view("'\"$-/;()\\:"))
    table[static_cast<unsigned char>(c)] = Class::special;
  return table;
}();
constexpr std::array<bool, 256> word_letters = [] {
  std::array<bool, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = pg_sql::continues_word(static_cast<char>(i));
  return table;
}();

Class class_of(char c) {
  return classes[static_cast<unsigned char>(c)];
}
bool is_word_letter(char c) {
  return word_letters[static_cast<unsigned char>(c)];
}

bool is(std::string_view word, std::string_view small) {
  return word.size() == small.size() &&
         std::equal(word.begin(), word.end(), small.begin(),
                    [](char a, char b) { return pg_sql::small(a) == b; });
}

}  // namespace

void PgSqlScanner::restart() {
  const bool standard = standard_strings_, double_bytes = double_bytes_;
  *this = PgSqlScanner();
  standard_strings_ = standard;
  double_bytes_ = double_bytes;
}

PgSqlScanner::Step PgSqlScanner::enter(In in, std::size_t bytes) {
  in_ = in;
  return pass(bytes);
}

PgSqlScanner::Step PgSqlScanner::pass(std::size_t bytes) {
  at_ += bytes;
  return Step::on;
}

PgSqlScanner::Stop PgSqlScanner::scan(std::string_view text, bool last) {
  text_ = text;
  last_ = last;
  Step step = Step::on;
  while (step == Step::on && at_ < text_.size()) {
    switch (in_) {
      case In::code:
        step = code();
        break;
      case In::plain_string:
        step = inside('\'');
        break;
      case In::escape_string:
        step = escape_string();
        break;
      case In::name:
        step = inside('"');
        break;
      case In::dollar:
        step = dollar_string();
        break;
      case In::line_comment:
        step = line_comment();
        break;
      case In::block_comment:
        step = block_comment();
        break;
    }
  }
  text_ = {};
  switch (step) {
    case Step::end:
      return Stop::end;
    case Step::backslash:
      return Stop::backslash;
    case Step::message:
      return Stop::message;
    case Step::on:
    case Step::more:
      break;
  }
  return Stop::more;
}

PgSqlScanner::Step PgSqlScanner::code() {
  const char* const end = text_.data() + text_.size();
  const char* p = text_.data() + at_;
  while (p != end && class_of(*p) == Class::dull) ++p;
  at_ = static_cast<std::size_t>(p - text_.data());
  if (p == end) return Step::more;
  return class_of(*p) == Class::word ? word() : special(*p);
}

PgSqlScanner::Step PgSqlScanner::special(char c) {
  switch (c) {
    case '\'':
      return string();
    case '"':
      return enter(In::name, 1);
    case '$':
      return dollar();
    case ':':
      return colon();
    case '-':
      if (open()) return Step::more;
      return behind() == '-' ? enter(In::line_comment, 2) : pass(1);
    case '/':
      if (open()) return Step::more;
      if (behind() != '*') return pass(1);
      comments_ = 1;
      return enter(In::block_comment, 2);
    case '(':
      ++parens_;
      return pass(1);
    case ')':
      if (parens_ > 0) --parens_;
      return pass(1);
    case ';':
      pass(1);
      return parens_ == 0 && blocks_ == 0 ? Step::end : Step::on;
    default:
      return Step::backslash;
  }
}

PgSqlScanner::Step PgSqlScanner::word() {
  const char* const end = text_.data() + text_.size();
  const char* p = text_.data() + std::max(at_, seen_);
  while (p != end && is_word_letter(*p)) ++p;
  seen_ = static_cast<std::size_t>(p - text_.data());
  if (p == end && !last_) return Step::more;
  word_ = at_;
  word_end_ = at_ = seen_;
  if (begins_ != Begins::other) consider(text_.substr(word_, word_end_ - word_));
  return Step::on;
}

// CREATE [OR REPLACE] FUNCTION or PROCEDURE, and the blocks of its body.
void PgSqlScanner::consider(std::string_view word) {
  const bool function = is(word, "function") || is(word, "procedure");
  switch (begins_) {
    case Begins::start:
      begins_ = is(word, "create") ? Begins::create : Begins::other;
      return;
    case Begins::create:
      begins_ = function ? Begins::function : is(word, "or") ? Begins::create_or : Begins::other;
      return;
    case Begins::create_or:
      begins_ = is(word, "replace") ? Begins::create_or_replace : Begins::other;
      return;
    case Begins::create_or_replace:
      begins_ = function ? Begins::function : Begins::other;
      return;
    case Begins::function:
    case Begins::other:
      break;
  }
  if (parens_ > 0) return;
  if (after_begin_ && blocks_ == 0 && is(word, "atomic")) blocks_ = 1;
  after_begin_ = is(word, "begin");
  if (blocks_ > 0 && is(word, "case")) ++blocks_;
  if (blocks_ > 0 && is(word, "end")) --blocks_;
}

// Outside of quotes SQL has a colon by itself only inside of brackets.
PgSqlScanner::Step PgSqlScanner::colon() {
  if (open()) return Step::more;
  if (behind() == ':' || behind() == '=') return pass(2);
  if (word_end_ == at_) {
    const std::string_view word = text_.substr(word_, word_end_ - word_);
    // A program's message may stand anywhere in a line, because its output has a buffer.
    if (word_ == 0 || word.ends_with("pg_dump") || word.ends_with("pg_dumpall") ||
        word.ends_with("pg_restore"))
      return Step::message;
  }
  return pass(1);
}

PgSqlScanner::Step PgSqlScanner::dollar() {
  const char* const end = text_.data() + text_.size();
  const char* p = text_.data() + std::max(at_ + 1, seen_);
  if (p != end && p == text_.data() + at_ + 1 && pg_sql::is_digit(*p)) return pass(1);
  while (p != end && pg_sql::continues_tag(*p)) ++p;
  seen_ = static_cast<std::size_t>(p - text_.data());
  if (p == end && !last_) return Step::more;
  if (p == end || *p != '$') return pass(1);
  tag_ = at_;
  tag_size_ = seen_ + 1 - at_;
  return enter(In::dollar, tag_size_);
}

PgSqlScanner::Step PgSqlScanner::string() {
  const bool prefixed = word_end_ == at_ && word_end_ - word_ == 1;
  const char prefix = prefixed ? pg_sql::small(text_[word_]) : '\0';
  const bool bits = prefix == 'b' || prefix == 'x';
  const bool escapes = prefix == 'e' || (!standard_strings_ && !bits) || continues_escape_string();
  escape_end_ = none;
  return enter(escapes ? In::escape_string : In::plain_string, 1);
}

// A string goes on in a later line, with the same rules, when there are only blanks and comments
// in between.
bool PgSqlScanner::continues_escape_string() const {
  if (escape_end_ == none) return false;
  bool new_line = false;
  for (std::size_t i = escape_end_; i < at_; ++i) {
    if (text_.substr(i, 2) == "--") {
      i = std::min(text_.find_first_of("\r\n", i), at_);
      if (i == at_) return false;
    }
    if (!pg_sql::is_blank(text_[i])) return false;
    new_line = new_line || text_[i] == '\n' || text_[i] == '\r';
  }
  return new_line;
}

PgSqlScanner::Step PgSqlScanner::escape_string() {
  const char* const end = text_.data() + text_.size();
  const char* p = text_.data() + at_;
  while (p != end && *p != '\'' && *p != '\\' && (!double_bytes_ || (*p & '\x80') == 0)) ++p;
  at_ = static_cast<std::size_t>(p - text_.data());
  if (p == end || open()) return Step::more;
  if (*p != '\'' || behind() == '\'') return pass(std::min<std::size_t>(2, text_.size() - at_));
  escape_end_ = at_ + 1;
  return enter(In::code, 1);
}

// A doubled quote inside is the end and a new beginning, which comes to the same.
PgSqlScanner::Step PgSqlScanner::inside(char closing) {
  at_ = std::min(text_.find(closing, at_), text_.size());
  return at_ == text_.size() ? Step::more : enter(In::code, 1);
}

PgSqlScanner::Step PgSqlScanner::dollar_string() {
  const std::size_t found = text_.find(text_.substr(tag_, tag_size_), at_);
  if (found != std::string_view::npos) {
    at_ = found;
    return enter(In::code, tag_size_);
  }
  at_ = std::max(at_, text_.size() - (tag_size_ - 1));
  return Step::more;
}

PgSqlScanner::Step PgSqlScanner::line_comment() {
  at_ += pg_sql::line_size(text_.substr(at_));
  return at_ == text_.size() ? Step::more : enter(In::code, 0);
}

PgSqlScanner::Step PgSqlScanner::block_comment() {
  at_ = std::min(text_.find_first_of("*/", at_), text_.size());
  if (at_ == text_.size() || open()) return Step::more;
  const std::string_view two = text_.substr(at_, 2);
  if (two == "/*") {
    ++comments_;
    return pass(2);
  }
  if (two != "*/") return pass(1);
  return enter(--comments_ == 0 ? In::code : In::block_comment, 2);
}

}  // namespace backproof
