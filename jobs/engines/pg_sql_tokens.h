// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof {

// One token of PostgreSQL's SQL.
struct PgToken {
  enum class Kind { end, word, quoted, string, symbol };
  Kind kind = Kind::end;
  // A word in small letters; a quoted name or a string without its quotes, doubled ones made one; a
  // symbol is one character. At most 1 KiB of it is kept.
  std::string text;

  bool word(std::string_view w) const { return kind == Kind::word && text == w; }
  bool symbol(char c) const { return kind == Kind::symbol && text[0] == c; }
  bool name() const { return kind == Kind::word || kind == Kind::quoted; }
};

// The tokens of one statement, for the few questions that a reader of dumps has about one. Comments
// and blanks are skipped; dollar quotes come as symbols and words. Takes any bytes; `sql` must
// outlive it.
class PgTokens {
 public:
  explicit PgTokens(std::string_view sql) : rest_(sql) {}
  PgToken next();

 private:
  void skip_blanks();
  PgToken quoted(char quote, bool escapes);

  std::string_view rest_;
};

}  // namespace backproof
