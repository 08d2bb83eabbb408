// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <iterator>

#include "base/digest.h"
#include "base/text.h"
#include "db/content.h"
#include "db/schema_queries.h"

namespace backproof {
namespace {

constexpr const char* sqlite_query =
    "SELECT type || ' ' || name, sql FROM sqlite_schema "
    "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

bool is_word(char c) {
  const auto letter = static_cast<unsigned char>(c);
  return std::isalnum(letter) != 0 || c == '_' || c == '$' || c == '.' || letter >= 0x80;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

// Cuts an expression into what it means.
class Expression {
 public:
  explicit Expression(std::string_view sql) : rest_(sql) {}

  std::string plain() {
    while (!rest_.empty()) {
      if (is_blank(rest_.front()) || rest_.front() == '(' || rest_.front() == ')')
        rest_.remove_prefix(1);
      else if (rest_.starts_with("::"))
        skip_cast();
      else
        put(next());
    }
    return std::move(plain_);
  }

 private:
  void put(std::string_view token) {
    const bool glued =
        plain_.empty() || plain_.back() == '[' || token == "," || token == "]" || token == "[";
    if (!glued) plain_ += ' ';
    plain_ += token;
  }

  std::string_view take(std::size_t bytes) {
    const std::string_view token = rest_.substr(0, bytes);
    rest_.remove_prefix(token.size());
    return token;
  }

  std::string_view next() {
    const char first = rest_.front();
    if (first == '\'' || first == '"') {
      std::size_t end = rest_.find(first, 1);
      // Twice is one of its letters.
      while (end < rest_.size() - 1 && rest_[end + 1] == first) end = rest_.find(first, end + 2);
      return take(end == std::string_view::npos ? rest_.size() : end + 1);
    }
    if (is_word(first)) return take_word();
    return take(1);
  }

  std::string_view take_word() {
    std::size_t end = 0;
    while (end < rest_.size() && is_word(rest_[end])) ++end;
    return take(end);
  }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
  }

  void skip_words(std::string_view words) {
    skip_blanks();
    if (rest_.starts_with(words)) rest_.remove_prefix(words.size());
  }

  void skip_size() {
    if (rest_.starts_with('(')) take(std::min(rest_.size(), rest_.find(')')) + 1);
  }

  // "::character varying(20)[]", "::public.\"my type\"", "::timestamp(3) without time zone".
  void skip_cast() {
    rest_.remove_prefix(2);
    while (!rest_.empty() && (is_word(rest_.front()) || rest_.front() == '"')) next();
    skip_size();
    const std::string_view before = rest_;
    for (const char* words : {"varying", "precision", "with time zone", "without time zone"})
      skip_words(words);
    if (rest_.size() + 1 >= before.size()) rest_ = before;  // nothing but blanks
    skip_size();
    while (rest_.starts_with("[]")) rest_.remove_prefix(2);
  }

  std::string_view rest_;
  std::string plain_;
};

// Bytes of what begins the SQL when its blanks mean something: a name or a text in quotes, a
// comment, which a line's end may end. 0: they mean nothing.
std::size_t verbatim(std::string_view sql) {
  using Pair = std::pair<std::string_view, std::string_view>;
  for (const auto& [begin, end] :
       {Pair{"'", "'"}, {"\"", "\""}, {"`", "`"}, {"[", "]"}, {"--", "\n"}, {"/*", "*/"}}) {
    if (!sql.starts_with(begin)) continue;
    const std::size_t at = sql.find(end, begin.size());
    return at == std::string_view::npos ? sql.size() : at + end.size();
  }
  return 0;
}

std::string without_blank_runs(std::string_view sql) {
  std::string text;
  while (!sql.empty()) {
    const std::size_t kept = verbatim(sql);
    if (kept != 0)
      text += sql.substr(0, kept);
    else if (!is_blank(sql.front()))
      text += sql.front();
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
    sql.remove_prefix(std::max<std::size_t>(kept, 1));
  }
  return text;
}

// Long ones are told apart by a digest of the whole.
std::string line_of(std::string line) {
  constexpr std::size_t longest = 2000;
  std::string shown = text::printable(line, 4 * longest);
  if (line.size() <= longest) return shown;
  Sha256 whole;
  whole.update(as_bytes(line));
  return text::printable(line, longest) + " sha256 " + whole.hex().substr(0, 16);
}

// By what follows the sign and the blank.
bool by_object(const std::string& a, const std::string& b) {
  const int order = a.compare(2, std::string::npos, b, 2, std::string::npos);
  return order != 0 ? order < 0 : a.front() > b.front();
}

}  // namespace

std::string plain_expression(std::string_view sql) {
  return Expression(sql).plain();
}

Result<std::vector<std::string>> read_schema(Dialect dialect, const Asker& ask) {
  const bool is_sqlite = dialect == Dialect::sqlite;
  std::vector<std::string> queries{sqlite_query};
  if (!is_sqlite) queries.assign(pg::schema_queries.begin(), pg::schema_queries.end());
  std::vector<std::string> lines;
  for (std::string& sql : queries) {
    Question question;
    question.sql = std::move(sql);
    question.max_rows = 1'000'000;
    TRY_ASSIGN(const Answer rows, ask(question));
    for (const auto& row : rows) {
      const std::string behind = row.at(1).value_or("");
      const std::string expression =
          is_sqlite ? without_blank_runs(behind) : plain_expression(behind);
      lines.push_back(
          line_of(row.at(0).value_or("") + (expression.empty() ? "" : " ") + expression));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> schema_difference(const std::vector<std::string>& expected,
                                           const std::vector<std::string>& found) {
  std::vector<std::string> lines, missing, unexpected;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                      std::back_inserter(missing));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                      std::back_inserter(unexpected));
  for (const std::string& line : missing) lines.push_back("- " + line);
  for (const std::string& line : unexpected) lines.push_back("+ " + line);
  std::sort(lines.begin(), lines.end(), by_object);
  return lines;
}

}  // namespace backproof
