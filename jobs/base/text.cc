// SPDX-License-Identifier: Apache-2.0
// Words: what is shown to people, quoted, cut and compared. Numbers and times: text_units.cc.
#include "base/text.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace backproof::text {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

unsigned char byte_at(std::string_view s, std::size_t i) {
  return static_cast<unsigned char>(s[i]);
}

bool continues(std::string_view s, std::size_t at, std::size_t count) {
  if (at + count >= s.size() + 1) return false;
  for (std::size_t i = at; i < at + count; ++i)
    if ((byte_at(s, i) & 0xc0U) != 0x80U) return false;
  return true;
}

// One UTF-8 sequence: its length in bytes, 0 where there is none (overlong forms, surrogates and
// what lies above U+10FFFF are none, RFC 3629 section 4).
struct Sequence {
  std::size_t length = 0;
  char32_t point = 0;
};
Sequence sequence_at(std::string_view s, std::size_t at) {
  const unsigned char first = byte_at(s, at);
  if (first < 0x80U) return {1, first};
  const std::size_t more = first >= 0xf0U ? 3 : first >= 0xe0U ? 2 : 1;
  if (first < 0xc2U || first > 0xf4U || !continues(s, at + 1, more)) return {};
  char32_t point = first & (0x3fU >> more);
  for (std::size_t i = 1; i <= more; ++i) point = (point << 6U) | (byte_at(s, at + i) & 0x3fU);
  constexpr std::array<char32_t, 4> least{0, 0x80, 0x800, 0x10000};
  if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return {};
  return {more + 1, point};
}

// Characters that move the cursor, start escape sequences, break a line or turn the direction of
// writing, and so let a file name show something else than what it is.
bool deceives(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'\\', 'x', hex_digits[byte >> 4U], hex_digits[byte & 0xfU]};
  }
  return out;
}

// What `printable` makes of the character at `at`, and how many bytes it took.
struct Shown {
  std::string text;
  std::size_t taken;
};
Shown shown_at(std::string_view s, std::size_t at) {
  const Sequence sequence = sequence_at(s, at);
  if (sequence.length == 0) return {escaped(s.substr(at, 1)), 1};
  const std::string_view bytes = s.substr(at, sequence.length);
  return {deceives(sequence.point) ? escaped(bytes) : std::string(bytes), sequence.length};
}

bool is_shell_safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_./:=@%+,-").find(c) != std::string_view::npos;
}

// Optimal string alignment distance: insert, delete, replace, or swap two neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string printable(std::string_view s, std::size_t limit) {
  constexpr std::string_view cut = "...";
  std::string out;
  std::size_t fits = 0;  // the longest beginning of `out` that leaves room for the mark of a cut
  for (std::size_t at = 0; at < s.size();) {
    const Shown shown = shown_at(s, at);
    if (out.size() + shown.text.size() > limit) {
      out.resize(fits);
      return limit < cut.size() ? out : out.append(cut);
    }
    out += shown.text;
    at += shown.taken;
    if (out.size() + cut.size() <= limit) fits = out.size();
  }
  return out;
}

std::string quote_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string quote_shell(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_shell_safe))
    return std::string(word);
  // $'...' keeps the word exact while nothing in it reaches the terminal raw.
  std::string plain, ansi;
  bool deceived = false;
  for (std::size_t at = 0; at < word.size();) {
    const Shown shown = shown_at(word, at);
    const bool same = shown.text == word.substr(at, shown.taken);
    deceived = deceived || !same;
    plain += same && shown.text == "'" ? "'\\''" : shown.text;
    ansi += same && (shown.text == "'" || shown.text == "\\") ? "\\" + shown.text : shown.text;
    at += shown.taken;
  }
  return deceived ? "$'" + ansi + "'" : "'" + plain + "'";
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trim(std::string_view s) {
  constexpr std::string_view blank = " \t\r\n\f\v";
  const std::size_t first = s.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(blank) - first + 1);
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    const std::size_t end = s.find(separator, at);
    parts.push_back(s.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + 1;
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) out += separator;
    out += part;
  }
  return out;
}

std::string plural(std::uint64_t n, std::string_view noun) {
  std::string out = format_count(n) + " ";
  if (n == 1) return out.append(noun);
  constexpr std::string_view vowels = "aeiou";
  const bool y = noun.size() > 1 && noun.back() == 'y' &&
                 vowels.find(noun[noun.size() - 2]) == std::string_view::npos;
  if (y) return out.append(noun.substr(0, noun.size() - 1)).append("ies");
  const bool hisses =
      noun.ends_with('s') || noun.ends_with('x') || noun.ends_with("ch") || noun.ends_with("sh");
  return out.append(noun).append(hisses ? "es" : "s");
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  // Nobody means a name of three letters by a page of text, and the distance costs their product.
  constexpr std::size_t longest = 64;
  if (word.size() > longest) return "";
  std::string best;
  std::size_t best_distance = std::min<std::size_t>(3, (word.size() + 1) / 2);
  for (const std::string& candidate : known) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer - std::min(word.size(), candidate.size()) >= best_distance) continue;
    const std::size_t d = distance(lower(word), lower(candidate));
    if (d >= best_distance) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

}  // namespace backproof::text
