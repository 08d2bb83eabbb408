// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"

// The digest of a table's content that a manifest holds: the sum, modulo 2^128, of the XXH3-128
// (seed 0) of each row's text. So it does not depend on the order of rows, and a row twice is not
// a row none. It is written as 32 hexadecimal digits, the high half first.
//
// A row's text is the line that PostgreSQL's COPY writes in text format
// (https://www.postgresql.org/docs/current/sql-copy.html, "Text Format") in UTF-8, without its
// newline: values separated by tabs, NULL as \N, and in values backslash, newline, carriage return,
// tab, backspace, form feed and vertical tab as a backslash and \ n r t b f v. Columns stand in the
// order of their names' bytes, so that it survives tools that create them in another order;
// computed ones are among them.
//
// A value's text is, in PostgreSQL, what its type's output function gives with DateStyle ISO,
// IntervalStyle postgres, TimeZone UTC, extra_float_digits 3, bytea_output hex, lc_monetary C and
// an empty search_path but for pg_catalog. In SQLite, where a column may hold values of any type,
// the type is part of it: a number is \# and an integer in decimal or a real number as
// RowText::add_real() has it, a blob is \x and two lower case hexadecimal digits a byte, both
// with a backslash that nothing doubles, and text is as it is (in UTF-8).
namespace backproof {

// Takes the text of one row, value after value, of any length in little memory. Can be used again
// and again.
class RowText {
 public:
  RowText();
  // Begins a row.
  void clear();
  void add_null();
  void add_integer(std::int64_t value);
  // The shortest decimal number that reads back as the same double, as std::to_chars writes it,
  // with ".0" where nothing in it says that it is not an integer; Infinity, -Infinity, NaN. What is
  // nearer to zero than 1e-280, and -0.0, is 0.0: it does not survive a .dump. (Of a million random
  // bit patterns, sqlite3 3.40 brought 787 back as a neighbour, all below 1e-289; of two million
  // numbers above it, none.)
  void add_real(double value);
  void add_text(std::string_view utf8);
  void add_blob(ByteView bytes);
  // A value in pieces: more_text() and more_blob() continue what one of these two began.
  void begin_text();
  void begin_blob();
  void more_text(std::string_view piece);
  void more_blob(ByteView piece);
  // Of the row so far; ends it.
  Hash128 hash();

 private:
  void separate();
  void begin_number();
  unsigned char* room(std::size_t bytes);

  std::vector<unsigned char> buffer_;
  std::size_t used_ = 0;
  bool is_first_ = true;
  Hash128Stream longer_;  // of rows that outgrow the buffer
  bool is_longer_ = false;
};

// As a manifest writes it.
std::string digest_text(const Hash128& sum);

}  // namespace backproof
