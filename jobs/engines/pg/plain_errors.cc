// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/plain_errors.h"

#include "base/text.h"
#include "engines/pg/plain_window.h"

namespace backproof::plain_error {
namespace {

constexpr const char* interrupted =
    "pg_dump or what stored its output was interrupted: take the backup again";

}  // namespace

std::string at(std::uint64_t line) {
  return "line " + std::to_string(line);
}

Error hostile(std::uint64_t line, const std::string& what) {
  return {Cause::hostile, at(line) + " has " + what + ", which no dump needs",
          "find out who wrote this dump before you use it"};
}

Error unfinished(std::uint64_t line, const std::string& what) {
  return {Cause::truncated, "the dump ends in " + at(line) + ", inside of " + what, interrupted};
}

Error no_end(std::uint64_t line, const std::string& before) {
  return {Cause::truncated, "the dump that begins in " + at(line) + " has no end mark " + before,
          interrupted};
}

Error no_sql(std::uint64_t line, const std::string& where) {
  return {Cause::damaged, at(line) + " has the message of a program and no SQL" + where,
          "keep the messages of pg_dump out of the dump (no 2>&1)"};
}

Error nul(std::uint64_t line, const std::string& where, bool wide) {
  return {Cause::damaged, at(line) + " has a NUL byte, which no plain dump holds" + where,
          wide ? "the text is UTF-16, which PowerShell makes of what it redirects: let pg_dump "
                 "write the file with -f"
               : ""};
}

Error too_long(std::uint64_t line, const std::string& where) {
  return {Cause::space,
          at(line) + " begins a statement of more than " +
              text::format_size(PlainWindow::longest_text) + where,
          "make the dump with COPY (without --inserts) or as an archive (pg_dump -Fc)"};
}

Error damaged(const std::string& text) {
  return {Cause::damaged, text, ""};
}

}  // namespace backproof::plain_error
