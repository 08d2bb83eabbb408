// SPDX-License-Identifier: Apache-2.0
#include "exporter/manual/roff.h"

#include <cctype>

#include "base/text.h"
#include "exporter/build_info.h"

namespace backproof::manual::roff {
namespace {

// Characters that would become typography, or a command, as they were meant.
std::string literal(char c) {
  switch (c) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {c};
  }
}

std::string code(std::string_view text) {
  std::string out;
  for (const char c : text) out += literal(c);
  return out;
}

// In prose a hyphen within a word is one, and an apostrophe, too.
std::string words(std::string_view text) {
  std::string out;
  char before = ' ';
  for (const char c : text) {
    const bool in_word = std::isalnum(static_cast<unsigned char>(before)) != 0;
    out += in_word && (c == '-' || c == '\'') ? std::string{c} : literal(c);
    before = c;
  }
  return out;
}

// A line that begins with one of these would be a command.
std::string guarded(std::string line) {
  return line.starts_with('.') || line.starts_with('\'') ? "\\&" + line : line;
}

}  // namespace

std::string bold(std::string_view text) {
  return "\\fB" + code(text) + "\\fR";
}

std::string italic(std::string_view text) {
  return "\\fI" + code(text) + "\\fR";
}

std::string prose(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t special = text.find_first_of("`[");
    out += words(text.substr(0, special));
    if (special == std::string_view::npos) break;
    text.remove_prefix(special);
    const bool is_code = text.front() == '`';
    const std::size_t close = text.find(is_code ? "`" : "](", 1);
    const std::size_t end = is_code ? close : text.find(')', close);
    if (close == std::string_view::npos || end == std::string_view::npos) {
      out += literal(text.front());
      text.remove_prefix(1);
      continue;
    }
    const std::string_view inside = text.substr(1, close - 1);
    out += is_code ? bold(inside) : '"' + words(inside) + "\" in the README";
    text.remove_prefix(end + 1);
  }
  return guarded(out);
}

std::string example(std::string_view lines) {
  std::string out = ".PP\n.RS 4\n.nf\n";
  for (const std::string_view line : text::split(lines, '\n')) out += guarded(code(line)) + '\n';
  return out + ".fi\n.RE\n";
}

std::string header(std::string_view title, int section, std::string_view date) {
  return ".\\\" Made by the program out of its own definitions: do not edit.\n.TH " +
         std::string(title) + ' ' + std::to_string(section) + " \"" + words(date) +
         "\" \"backproof " + build_info().version + "\" \"backproof\"\n";
}

std::string section(std::string_view title) {
  return ".SH " + std::string(title) + '\n';
}

std::string subsection(std::string_view title) {
  return ".SS \"" + std::string(title) + "\"\n";
}

std::string item(std::string_view tag, std::string_view body) {
  return ".TP\n" + std::string(tag) + '\n' + std::string(body) + '\n';
}

}  // namespace backproof::manual::roff
