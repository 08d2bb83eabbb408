// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace backproof {

// Reads the words of one SQL statement, to see what it is about. Comments and what lies inside
// quotes are never taken for words; dollar quotes come as symbols and words. Takes any bytes; `sql`
// must outlive it.
class PgWords {
 public:
  explicit PgWords(std::string_view sql) : rest_(sql) {}

  // Goes past `keyword` when it comes next, in any case.
  bool take(std::string_view keyword);
  // Goes past all of them, or none.
  template <typename... Keywords>
  bool take(std::string_view first, Keywords... others) {
    const std::string_view before = rest_;
    if (take(first) && take(others...)) return true;
    rest_ = before;
    return false;
  }
  // The next name as it is written, quotes and qualification included: public."a b". Nothing
  // where no name comes next.
  std::optional<std::string_view> name();
  // The next 'string' or E'string' without quotes; nothing where none comes next.
  std::optional<std::string> text();
  // Goes past one word, name, string or other character.
  void skip();
  // What was not read yet.
  std::string_view rest();
  bool at_end() { return rest().empty(); }

 private:
  void skip_blanks();
  std::string_view rest_;
};

// A name as written, without its quotes: "a ""b""" becomes a "b", Users becomes users. Of a
// qualified one the last part.
std::string unquoted(std::string_view written);
// Whether the name is qualified by a schema.
bool is_qualified(std::string_view written);

}  // namespace backproof
