// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_reader.h"

#include <algorithm>

#include "base/text.h"
#include "engines/pg/copy_end.h"
#include "engines/pg/plain_comments.h"
#include "engines/pg/plain_errors.h"
#include "engines/pg/plain_head.h"
#include "engines/pg/plain_marks.h"
#include "engines/pg/plain_window.h"
#include "engines/pg/psql_lines.h"
#include "engines/pg/sql_letters.h"
#include "engines/pg/sql_scanner.h"
#include "engines/pg/sql_statements.h"

namespace backproof {
namespace {

// Longer lines are no headings and no commands of pg_dump: an object's name is that of a function
// with its arguments at most.
constexpr std::size_t longest_line = 64U << 10U;
constexpr std::size_t longest_command = 32;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

class PlainReader {
 public:
  PlainReader(ByteSource& content, DumpSink& sink) : window_(content), sink_(sink), head_(sink) {}
  Result<PlainEnd> read(const RunContext& context);

 private:
  enum class In { start, between, long_comment, block_comment, statement, copy_line, rows };

  // Takes one thing off the window; false when that needs more bytes.
  Result<bool> step();
  Result<bool> start();
  Result<bool> between();
  Result<bool> line_comment();
  Result<bool> long_comment();
  Result<bool> block_comment();
  Result<bool> psql_line();
  Result<bool> statement();
  Result<bool> copy_line();
  Result<bool> rows();

  Result<void> comment(std::string_view line, std::uint64_t number);
  Result<void> heading(const PlainComment& comment, std::uint64_t line);
  Result<void> command(const PsqlLine& line, std::uint64_t number);
  Result<void> run(std::string_view sql);
  void obey(std::string_view sql);
  Result<PlainEnd> finish();

  Result<bool> enter(In in, std::size_t bytes);
  DumpPlace place() const { return {DumpPlace::Unit::line, window_.line()}; }
  std::string where() const;
  // Where the text at hand ends.
  std::uint64_t end_line() const { return window_.line_at(window_.text().size()); }

  PlainWindow window_;
  DumpSink& sink_;
  PlainHead head_;
  PlainMarks marks_;
  PlainNames names_;
  PgSqlScanner scanner_;
  PgCopyEnd copy_end_;
  In in_ = In::start;
  std::size_t depth_ = 0;     // of comments
  std::uint64_t begins_ = 0;  // the line of the comment or COPY that is open
  bool wide_ = false;         // begins as UTF-16 does
  bool by_pg_dump_ = true;    // it never writes COPY with options, which can leave out rows
  std::string object_;        // the last one, for people
  PlainEnd end_;
};

std::string PlainReader::where() const {
  return object_.empty() ? "" : " in " + object_;
}

Result<bool> PlainReader::enter(In in, std::size_t bytes) {
  in_ = in;
  window_.drop(bytes);
  return true;
}

Result<bool> PlainReader::step() {
  switch (in_) {
    case In::start:
      return start();
    case In::between:
      return between();
    case In::long_comment:
      return long_comment();
    case In::block_comment:
      return block_comment();
    case In::statement:
      return statement();
    case In::copy_line:
      return copy_line();
    case In::rows:
      return rows();
  }
  return false;
}

Result<bool> PlainReader::start() {
  const std::string_view text = window_.text();
  if (text.size() < byte_order_mark.size() && !window_.last() && !window_.nul()) return false;
  wide_ = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  const std::size_t line_end = text.find('\n');
  end_.returns = line_end != std::string_view::npos && line_end > 0 && text[line_end - 1] == '\r';
  return enter(In::between, text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0);
}

Result<bool> PlainReader::between() {
  std::string_view text = window_.text();
  const auto blanks = std::find_if_not(text.begin(), text.end(), pg_sql::is_blank) - text.begin();
  window_.drop(static_cast<std::size_t>(blanks));
  text = window_.text();
  if (text.empty()) return false;
  if (text.front() == '\\') return psql_line();
  // One byte more tells a comment from an operator.
  if (text == "-" || text == "/") {
    if (!window_.last()) return false;
    return plain_error::unfinished(end_line(), "a comment" + where());
  }
  if (text.starts_with("--")) return line_comment();
  begins_ = window_.line();
  if (text.starts_with("/*")) {
    TRY(marks_.comment(begins_));
    depth_ = 1;
    return enter(In::block_comment, 2);
  }
  TRY(marks_.statement(begins_));
  scanner_.restart();
  return enter(In::statement, 0);
}

Result<bool> PlainReader::line_comment() {
  const std::string_view text = window_.text();
  const std::size_t size = pg_sql::line_size(text);
  if (size > longest_line) {
    TRY(marks_.comment(window_.line()));
    return enter(In::long_comment, longest_line);
  }
  if (size == text.size() && !window_.last()) return false;
  TRY(comment(text.substr(0, size), window_.line()));
  return enter(In::between, size);
}

Result<bool> PlainReader::long_comment() {
  const std::string_view text = window_.text();
  const std::size_t size = pg_sql::line_size(text);
  const bool whole = size < text.size();
  window_.drop(size);
  if (whole) in_ = In::between;
  return whole;
}

Result<bool> PlainReader::block_comment() {
  const std::string_view text = window_.text();
  std::size_t at = 0;
  while (true) {
    at = std::min(text.find_first_of("*/", at), text.size());
    if (at + 1 >= text.size()) break;  // a last byte may be the first half of a pair
    const std::string_view two = text.substr(at, 2);
    at += two == "/*" || two == "*/" ? 2U : 1U;
    if (two == "/*") ++depth_;
    if (two == "*/" && --depth_ == 0) return enter(In::between, at);
  }
  window_.drop(at);
  return false;
}

Result<void> PlainReader::comment(std::string_view line, std::uint64_t number) {
  const PlainComment comment = read_comment(line);
  if (comment.kind == PlainComment::Kind::dashes) {
    marks_.dashes();
    return {};
  }
  TRY(marks_.comment(number));
  if (comment.kind != PlainComment::Kind::object) return heading(comment, number);
  const auto entry = names_.read(comment.value);
  if (!entry) return {};
  object_.clear();
  if (!entry->type.empty())
    object_ = entry->type + " " +
              text::printable(
                  entry->schema.empty() ? entry->name : entry->schema + "." + entry->name, 140);
  return head_.entry(*entry);
}

Result<void> PlainReader::heading(const PlainComment& comment, std::uint64_t line) {
  switch (comment.kind) {
    case PlainComment::Kind::dump_head:
      TRY(marks_.dump_head(line));
      object_.clear();
      return head_.begin();
    case PlainComment::Kind::cluster_head:
      TRY(marks_.cluster_head(line));
      object_.clear();
      return head_.begin();
    case PlainComment::Kind::dump_end:
      object_.clear();
      TRY(marks_.dump_end(line));
      return head_.close();
    case PlainComment::Kind::cluster_end:
      TRY(marks_.cluster_end(line));
      return head_.close();
    case PlainComment::Kind::server_version:
    case PlainComment::Kind::dump_version:
    case PlainComment::Kind::created:
      head_.fact(comment);
      return {};
    case PlainComment::Kind::other:
    case PlainComment::Kind::dashes:
    case PlainComment::Kind::object:
      break;
  }
  return {};
}

Result<bool> PlainReader::psql_line() {
  const std::string_view text = window_.text();
  const std::uint64_t number = window_.line();
  const std::size_t size = std::min(text.find('\n'), text.size());
  const bool whole = size < text.size();
  if (size > longest_line) return plain_error::hostile(number, "a psql command");
  if (!whole && !window_.last()) return false;
  std::string_view line = text.substr(0, size);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line == "\\.")
    return Error{Cause::damaged, plain_error::at(number) + " ends a COPY that has no beginning",
                 ""};
  const PsqlLine command = read_psql_line(line);
  const bool last_key =
      command.kind == PsqlLine::Kind::unrestricts && marks_.restricted(command.argument);
  if (!whole && !last_key && may_become_psql_line(line))
    return plain_error::unfinished(end_line(), "a psql command" + where());
  if (command.kind == PsqlLine::Kind::other || !window_.line_begins())
    return plain_error::hostile(number, describe_psql_line(line));
  TRY(this->command(command, number));
  return enter(In::between, size);
}

Result<void> PlainReader::command(const PsqlLine& line, std::uint64_t number) {
  switch (line.kind) {
    case PsqlLine::Kind::connect:
      TRY(marks_.connect(line.argument, number));
      object_.clear();
      // A new session: its settings are the server's.
      scanner_.standard_strings(true);
      scanner_.double_bytes(false);
      return head_.connect(line.argument, {DumpPlace::Unit::line, number});
    case PsqlLine::Kind::encoding:
      return marks_.encoding(number);
    case PsqlLine::Kind::restricts:
      return marks_.restricts(line.argument, number);
    case PsqlLine::Kind::unrestricts:
      return marks_.unrestricts(line.argument, number);
    case PsqlLine::Kind::other:
      break;
  }
  return {};
}

Result<bool> PlainReader::statement() {
  const std::string_view text = window_.text();
  const PgSqlScanner::Stop stop = scanner_.scan(text, window_.last());
  const std::size_t size = stop == PgSqlScanner::Stop::more ? text.size() : scanner_.at();
  if (size > PlainWindow::longest_text) return plain_error::too_long(begins_, where());
  switch (stop) {
    case PgSqlScanner::Stop::more:
      return false;
    case PgSqlScanner::Stop::backslash:
      // So that the command has its name.
      if (text.size() - size < longest_command && text.find('\n', size) == std::string_view::npos &&
          !window_.last() && !window_.nul())
        return false;
      return plain_error::hostile(window_.line_at(size), describe_psql_line(text.substr(size)));
    case PgSqlScanner::Stop::message:
      return plain_error::no_sql(window_.line_at(size), where());
    case PgSqlScanner::Stop::end:
      break;
  }
  in_ = In::between;
  TRY(run(text.substr(0, size)));
  window_.drop(size);
  return true;
}

// What a statement changes in how the next ones are read.
void PlainReader::obey(std::string_view sql) {
  const SqlSetting setting = read_setting(sql);
  if (setting.name == "standard_conforming_strings")
    scanner_.standard_strings(setting.value != "off" && setting.value != "false" &&
                              setting.value != "no" && setting.value != "0");
  if (setting.name == "client_encoding") scanner_.double_bytes(has_double_bytes(setting.value));
}

Result<void> PlainReader::run(std::string_view sql) {
  if (sql == ";") return {};
  const StatementKind kind = kind_of_statement(sql);
  if (kind == StatementKind::copy_outside)
    return plain_error::hostile(begins_, "a COPY from or to a file or a program");
  if (kind == StatementKind::setting) obey(sql);
  if (kind == StatementKind::create_database) marks_.creates_database(created_database(sql).name);
  if (kind != StatementKind::copy_in) {
    ++end_.statements;
    return head_.statement(sql, kind, place());
  }
  ++end_.copies;
  if (const auto copy = read_copy_in(sql); !copy->as_text) by_pg_dump_ = false;
  copy_end_ = PgCopyEnd();
  in_ = In::copy_line;
  TRY(head_.close());
  return sink_.copy_begin(sql, place());
}

// Rows begin in the next line.
Result<bool> PlainReader::copy_line() {
  const std::string_view text = window_.text();
  const auto blanks = std::find_if(text.begin(), text.end(),
                                   [](char c) { return c != ' ' && c != '\t' && c != '\r'; });
  const auto size = static_cast<std::size_t>(blanks - text.begin());
  if (size == text.size()) {
    window_.drop(size);
    return false;
  }
  if (*blanks != '\n')
    return Error{
        Cause::damaged,
        plain_error::at(window_.line()) + " has more text behind a COPY ... FROM stdin" + where(),
        ""};
  return enter(In::rows, size + 1);
}

Result<bool> PlainReader::rows() {
  const std::string_view text = window_.text();
  const PgCopyEnd::Found found = copy_end_.find(text, window_.last());
  if (found.rows > 0) {
    TRY(sink_.copy_rows(as_bytes(text.substr(0, found.rows))));
    end_.row_bytes += found.rows;
  }
  if (found.end) TRY(sink_.copy_end());
  window_.drop(found.rows + found.behind);
  if (found.end) in_ = In::between;
  return found.end;
}

Result<PlainEnd> PlainReader::finish() {
  const std::string open = " that begins in " + plain_error::at(begins_);
  switch (in_) {
    case In::block_comment:
      return plain_error::unfinished(end_line(), "a comment" + open + where());
    case In::statement:
      return plain_error::unfinished(end_line(), "a statement" + open + where());
    case In::copy_line:
    case In::rows:
      return plain_error::unfinished(end_line(), "the rows of a COPY" + open + where());
    case In::start:
    case In::between:
    case In::long_comment:
      break;
  }
  TRY_ASSIGN(const bool marked, marks_.finish(window_.line_at(window_.text().size()), where()));
  end_.marked = marked && by_pg_dump_;
  TRY(head_.close());
  end_.cluster = marks_.cluster();
  end_.dumps = marks_.dumps();
  end_.lines = window_.line();
  return end_;
}

Result<PlainEnd> PlainReader::read(const RunContext& context) {
  while (true) {
    TRY_ASSIGN(const bool more, window_.fill());
    while (true) {
      TRY_ASSIGN(const bool again, step());
      if (!again) break;
    }
    if (window_.nul()) return plain_error::nul(end_line(), where(), wide_);
    if (!more) return finish();
    context.progress(window_.bytes(), 0);
  }
}

}  // namespace

Result<PlainEnd> read_plain_dump(ByteSource& content, DumpSink& sink, const RunContext& context) {
  PlainReader reader(content, sink);
  return reader.read(context);
}

}  // namespace backproof
