// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_index_text.h"

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::string_view spaces = " \t\n\f\r";

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

// Cuts SQL into tokens; only as fine as is needed to find parentheses and commas that count.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : sql_(sql) { next(); }

  bool at_end() const { return token_.empty(); }
  std::string_view token() const { return token_; }
  std::size_t position() const { return start_; }
  bool is(std::string_view word) const { return text::lower(token_) == word; }
  bool take(std::string_view word) {
    if (!is(word)) return false;
    next();
    return true;
  }
  void next() {
    skip_blanks();
    start_ = at_;
    if (at_ < sql_.size()) at_ += length();
    token_ = sql_.substr(start_, at_ - start_);
  }

 private:
  void skip_blanks() {
    while (true) {
      at_ = std::min(sql_.find_first_not_of(spaces, at_), sql_.size());
      const std::string_view rest = sql_.substr(at_);
      if (rest.starts_with("--")) {
        at_ = std::min(sql_.find('\n', at_), sql_.size());
      } else if (rest.starts_with("/*")) {
        const std::size_t end = sql_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? sql_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::size_t length() const {
    const char first = sql_[at_];
    if (first == '[') return std::min(sql_.find(']', at_), sql_.size() - 1) + 1 - at_;
    if (first == '\'' || first == '"' || first == '`') return quoted_length(first);
    std::size_t end = at_;
    while (end < sql_.size() && is_word_byte(sql_[end])) ++end;
    return end == at_ ? 1 : end - at_;
  }

  std::size_t quoted_length(char quote) const {
    for (std::size_t i = at_ + 1; i < sql_.size(); ++i) {
      if (sql_[i] != quote) continue;
      if (i + 1 == sql_.size() || sql_[i + 1] != quote) return i + 1 - at_;
      ++i;  // a doubled quote stands for one
    }
    return sql_.size() - at_;
  }

  std::string_view sql_, token_;
  std::size_t at_ = 0, start_ = 0;
};

std::string unquoted(std::string_view token) {
  const char first = token.empty() ? '\0' : token.front();
  if (token.size() < 2 || (first != '"' && first != '`' && first != '[' && first != '\''))
    return std::string(token);
  const std::string_view inside = token.substr(1, token.size() - 2);
  std::string name;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    name += inside[i];
    if (first != '[' && inside[i] == first) ++i;
  }
  return name;
}

// One item of the list of columns, up to the comma or parenthesis that ends it.
std::string read_item(Tokens& tokens, std::string_view sql) {
  const std::size_t start = tokens.position();
  std::size_t words = 0;
  std::size_t last = start;
  bool ordered = false;
  for (int depth = 0; !tokens.at_end(); tokens.next(), ++words) {
    if (depth == 0 && (tokens.token() == "," || tokens.token() == ")")) break;
    if (tokens.token() == "(") ++depth;
    if (tokens.token() == ")") --depth;
    last = tokens.position();
    ordered = tokens.is("asc") || tokens.is("desc");
  }
  const std::size_t end = ordered && words > 1 ? last : tokens.position();
  // A comment at the end of the text would swallow what is put behind it.
  return std::string(sql.substr(start, end - start)) + "\n";
}

}  // namespace

std::optional<IndexText> parse_index_text(std::string_view sql) {
  Tokens tokens(sql);
  IndexText index;
  if (!tokens.take("create")) return std::nullopt;
  tokens.take("unique");
  if (!tokens.take("index")) return std::nullopt;
  index.name = unquoted(tokens.token());
  tokens.next();
  if (!tokens.take("on")) return std::nullopt;
  tokens.next();  // the table
  if (tokens.token() != "(") return std::nullopt;
  do {
    tokens.next();
    index.columns.push_back(read_item(tokens, sql));
  } while (tokens.token() == ",");
  if (!tokens.take(")")) return std::nullopt;
  if (tokens.at_end()) return index;
  if (!tokens.take("where")) return std::nullopt;
  index.where = std::string(sql.substr(tokens.position())) + "\n";
  return index;
}

}  // namespace backproof
