// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_statements.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "engines/pg/sql_letters.h"

namespace backproof {
namespace {

constexpr std::size_t statement_limit = 64U << 20U;

// Encodings of clients in which a backslash may be the second byte of a character.
constexpr std::array<std::string_view, 7> with_backslashes{
    "BIG5", "GB18030", "GBK", "JOHAB", "SJIS", "UHC", "SHIFT_JIS_2004"};

// The length of a comment in /* */, which may have others inside; nothing where it has no end.
std::optional<std::size_t> block_comment(std::string_view sql) {
  std::size_t depth = 0;
  for (std::size_t i = sql.find_first_of("/*"); i != std::string_view::npos;
       i = sql.find_first_of("/*", i)) {
    const std::string_view two = sql.substr(i, 2);
    if (two != "/*" && two != "*/") {
      ++i;
      continue;
    }
    depth = two == "/*" ? depth + 1 : depth - 1;
    i += 2;
    if (depth == 0) return i;
  }
  return {};
}

// The length of blanks, comments and empty statements at the beginning; all of it where a comment
// goes on.
std::size_t between(std::string_view sql, bool ended, bool& unsure) {
  std::size_t at = 0;
  unsure = false;
  while (at < sql.size()) {
    const std::string_view rest = sql.substr(at);
    std::optional<std::size_t> length;
    if (pg_sql::is_blank(rest.front()) || rest.front() == ';') {
      length = 1;
    } else if (rest.starts_with("--")) {
      if (const std::size_t line = rest.find('\n'); line != std::string_view::npos)
        length = line + 1;
    } else if (rest.starts_with("/*")) {
      length = block_comment(rest);
    } else {
      unsure = !ended && rest.size() == 1 && (rest == "-" || rest == "/");
      return at;
    }
    if (!length) {
      unsure = !ended;
      return ended ? sql.size() : at;
    }
    at += *length;
  }
  return at;
}

}  // namespace

void ArchiveStatements::set_strings(bool standard, std::string_view encoding) {
  scanner_.standard_strings(standard);
  scanner_.double_bytes(std::ranges::find(with_backslashes, encoding) != with_backslashes.end());
}

// The statements of `sql` that are whole; how many bytes are done with.
Result<std::size_t> ArchiveStatements::statements(std::string_view sql, bool ended,
                                                  const DumpPlace& at) {
  std::size_t done = 0;
  while (true) {
    if (!in_statement_) {
      bool unsure = false;
      done += between(sql.substr(done), ended, unsure);
      if (unsure || done == sql.size()) return done;
      scanner_.restart();
      in_statement_ = true;
    }
    const std::string_view rest = sql.substr(done);
    const PgSqlScanner::Stop stop = scanner_.scan(rest, ended);
    std::size_t length = scanner_.at();
    if (stop != PgSqlScanner::Stop::end) {
      // A backslash means nothing to the server, and neither does a program's message: it shall
      // say so, of all that follows.
      if (!ended) return done;
      length = rest.size();
    }
    in_statement_ = false;
    TRY(sink_.statement(rest.substr(0, length), at));
    done += length;
  }
}

Result<void> ArchiveStatements::all_of(std::string_view sql, const DumpPlace& at) {
  in_statement_ = false;
  TRY(statements(sql, true, at));
  return {};
}

Result<void> ArchiveStatements::more_of(ByteView piece, bool ended, const DumpPlace& at) {
  if (pending_.size() + piece.size() > statement_limit)
    return Error{Cause::space, "a statement needs more than " + text::format_size(statement_limit),
                 "take the backup without --inserts, or with a smaller --rows-per-insert"};
  pending_ += as_text(piece);
  TRY_ASSIGN(const std::size_t done, statements(pending_, ended, at));
  pending_.erase(0, done);
  if (ended) pending_ = std::string();
  return {};
}

}  // namespace backproof
