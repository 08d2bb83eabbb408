// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace backproof {

// Finds where a SQL statement ends, as the sqlite3 shell does
// (https://sqlite.org/c3ref/complete.html): at a semicolon outside of quotes, comments and the body
// of a trigger. Keeps its place, so text may come in pieces and is looked at once. Takes any bytes.
class SqlSplitter {
 public:
  // `pending` is the statement from its beginning, as far as it is there: the text of the last
  // call with more at its end. The bytes up to and with the ending semicolon, or nothing yet.
  std::optional<std::size_t> end_of(std::string_view pending);
  // A new statement begins: call after each one that was found.
  void restart() { *this = SqlSplitter(); }
  // So far there were only blanks and comments (an unfinished comment counts as one).
  bool blank() const { return blank_; }
  // So far there was not even the beginning of a comment: the text may be dropped.
  bool nothing() const { return blank_ && in_ == In::code && previous_ != '-' && previous_ != '/'; }
  // The statement begins with a dot: a command of the sqlite3 shell.
  bool dot_command() const { return dot_command_; }

 private:
  enum class In {
    code,
    word,
    single_quote,
    double_quote,
    backtick,
    bracket,
    line_comment,
    block_comment
  };
  // Where a statement is that may be a trigger: its body has semicolons of its own and ends with
  // a semicolon, END, a semicolon.
  enum class At { start, explain, create, plain, body, after_semicolon, after_end };

  void word_ends();
  bool semicolon_ends();
  void token();
  bool code(char c);

  In in_ = In::code;
  At at_ = At::start;
  bool blank_ = true;
  bool dot_command_ = false;
  char previous_ = '\0';
  std::size_t done_ = 0;
  std::string word_;
};

// The first keyword of a statement in capitals, comments skipped; "." for a dot command of the
// sqlite3 shell; empty when there is none. At most 32 letters are looked at.
std::string first_keyword(std::string_view statement);

}  // namespace backproof
