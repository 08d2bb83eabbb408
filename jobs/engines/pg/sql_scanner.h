// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace backproof {

// Finds where a statement of PostgreSQL's SQL ends, as psql does: at a semicolon outside of quotes,
// comments, parentheses and the body of a function (CREATE FUNCTION ... BEGIN ATOMIC ... END).
// Unlike psql it takes the word BEGIN for the beginning of a body only before ATOMIC, so a column
// of that name confuses nothing, and has no variables (:name). Keeps its place, so text may come in
// pieces and is looked at once. Takes any bytes.
//
// Sources: src/fe_utils/psqlscan.l and src/backend/parser/scan.l of PostgreSQL.
class PgSqlScanner {
 public:
  enum class Stop {
    more,       // the text ends inside of the statement
    end,        // at() is behind the final semicolon
    backslash,  // a backslash outside of quotes is at(): psql takes it for a command
    message,    // a colon is at() that ends the name of a program ("pg_dump: error: ...")
  };
  // `text` is the statement from its first byte, which is neither blank nor a comment, as far as it
  // is there: the text of the last call with more at its end. `last`: there will not be more.
  Stop scan(std::string_view text, bool last);
  std::size_t at() const { return at_; }
  // A new statement begins: call after each one that was found.
  void restart();

  // SET standard_conforming_strings: off lets backslashes escape in every string.
  void standard_strings(bool on) { standard_strings_ = on; }
  // The encoding has characters whose second byte may be a backslash (SJIS, BIG5, GBK, ...).
  void double_bytes(bool on) { double_bytes_ = on; }

 private:
  enum class In { code, plain_string, escape_string, name, dollar, line_comment, block_comment };
  enum class Step { on, more, end, backslash, message };
  // Where the first words are that make a statement one whose body may have semicolons.
  enum class Begins { start, create, create_or, create_or_replace, function, other };
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  Step code();
  Step special(char c);
  Step word();
  Step colon();
  Step dollar();
  Step string();
  Step escape_string();
  Step inside(char closing);
  Step dollar_string();
  Step line_comment();
  Step block_comment();
  void consider(std::string_view word);
  bool continues_escape_string() const;
  Step enter(In in, std::size_t bytes);
  Step pass(std::size_t bytes);
  // The byte behind at_; NUL where the text ends.
  char behind() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\0'; }
  // What is behind at_ is not known yet.
  bool open() const { return at_ + 1 == text_.size() && !last_; }

  std::string_view text_;  // during scan() only
  bool last_ = false;
  bool standard_strings_ = true, double_bytes_ = false;

  In in_ = In::code;
  std::size_t at_ = 0;
  std::size_t seen_ = 0;                // how far a word or tag was looked at that is not whole
  std::size_t parens_ = 0;              // open ones
  std::size_t comments_ = 0;            // open ones
  std::size_t blocks_ = 0;              // BEGIN ATOMIC and the CASEs in it
  Begins begins_ = Begins::start;       //
  bool after_begin_ = false;            // the last word was BEGIN
  std::size_t word_ = 0;                // where the last word begins...
  std::size_t word_end_ = none;         // ...and ends
  std::size_t escape_end_ = none;       // of the last string with escapes
  std::size_t tag_ = 0, tag_size_ = 0;  // of the dollar quote, dollars included
};

}  // namespace backproof
