// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/copy_end.h"

#include <optional>

namespace backproof {
namespace {

// Compilers make vector instructions of loops over so many bytes.
constexpr std::size_t block = 128;

// Where a line begins with a backslash and a dot, behind a '\n' at or behind `from`.
std::size_t next_dot_line(std::string_view text, std::size_t from) {
  const char* p = text.data() + from;
  for (; from + block + 2 <= text.size(); from += block, p += block) {
    unsigned char hit = 0;
    for (std::size_t i = 0; i < block; ++i) {
      const bool here = (p[i] == '\n') & (p[i + 1] == '\\') & (p[i + 2] == '.');
      hit = static_cast<unsigned char>(hit | static_cast<unsigned char>(here));
    }
    if (hit != 0) break;
  }
  const std::size_t found = text.find("\n\\.", from);
  return found == std::string_view::npos ? found : found + 1;
}

// The length of a line of a backslash, a dot and a line break at the front of `text`; 0 when it is
// none; nothing when it may become one.
std::optional<std::size_t> length_of_end(std::string_view text, bool last) {
  for (const std::string_view end : {"\\.\n", "\\.\r\n"}) {
    if (text.starts_with(end)) return end.size();
    if (!end.starts_with(text)) continue;
    if (!last) return std::nullopt;
    if (text.size() >= 2) return text.size();
  }
  return 0;
}

}  // namespace

PgCopyEnd::Found PgCopyEnd::find(std::string_view text, bool last) {
  if (text.empty()) return {};
  std::size_t line = line_begins_ ? 0 : next_dot_line(text, 0);
  for (; line != std::string_view::npos; line = next_dot_line(text, line)) {
    const auto length = length_of_end(text.substr(line), last);
    line_begins_ = !length;
    if (!length) return {line, 0, false};
    if (*length > 0) return {line, *length, true};
  }
  const bool may_begin = text.ends_with("\n\\") && !last;
  line_begins_ = may_begin || text.ends_with('\n');
  return {text.size() - (may_begin ? 1 : 0), 0, false};
}

std::uint64_t count_lines(std::string_view text) {
  std::uint64_t lines = 0;
  while (text.size() >= block) {
    unsigned char here = 0;  // block is less than 256
    for (std::size_t i = 0; i < block; ++i)
      here = static_cast<unsigned char>(here + static_cast<unsigned char>(text[i] == '\n'));
    lines += here;
    text.remove_prefix(block);
  }
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  return lines;
}

}  // namespace backproof
