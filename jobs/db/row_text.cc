// SPDX-License-Identifier: Apache-2.0
#include "db/row_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace backproof {
namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;
// Taken at a time; escaped, or as hexadecimal digits, it is twice as long.
constexpr std::size_t piece_bytes = buffer_bytes / 4;
constexpr std::size_t longest_number = 32;

// What stands behind the backslash for a byte; 0: the byte stands for itself.
constexpr std::array<unsigned char, 256> escapes = [] {
  std::array<unsigned char, 256> table{};
  table['\\'] = '\\';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\v'] = 'v';
  return table;
}();

// Whether one of eight bytes may have to be escaped: is a backslash or below 14. Both halves are
// the usual tests for a zero byte and for a byte less than n.
bool may_need_escape(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101U, highs = ones * 0x80;
  const std::uint64_t as_zero = word ^ (ones * '\\');
  return ((((as_zero - ones) & ~as_zero) | ((word - ones * 14) & ~word)) & highs) != 0;
}

// Copies `n` bytes; false where it met what may have to be escaped.
bool copy_plain(unsigned char* to, const char* from, std::size_t n) {
  for (; n >= sizeof(std::uint64_t); n -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    if (may_need_escape(word)) return false;
    std::memcpy(to, &word, sizeof word);
    from += sizeof word;
    to += sizeof word;
  }
  for (; n != 0; --n) {
    if (escapes[static_cast<unsigned char>(*from)] != 0) return false;
    *to++ = static_cast<unsigned char>(*from++);
  }
  return true;
}

std::size_t copy_escaped(unsigned char* to, std::string_view from) {
  unsigned char* const start = to;
  for (const char c : from) {
    const auto byte = static_cast<unsigned char>(c);
    const unsigned char escape = escapes[byte];
    if (escape != 0) *to++ = '\\';
    *to++ = escape != 0 ? escape : byte;
  }
  return static_cast<std::size_t>(to - start);
}

}  // namespace

RowText::RowText() : buffer_(buffer_bytes) {}

void RowText::clear() {
  if (is_longer_) longer_.hash();
  used_ = 0;
  is_first_ = true;
  is_longer_ = false;
}

// A place for so many bytes, at most the half of the buffer, behind what is there.
unsigned char* RowText::room(std::size_t bytes) {
  if (buffer_.size() - used_ < bytes) {
    longer_.update({buffer_.data(), used_});
    is_longer_ = true;
    used_ = 0;
  }
  return buffer_.data() + used_;
}

void RowText::separate() {
  if (!is_first_) {
    *room(1) = '\t';
    ++used_;
  }
  is_first_ = false;
}

void RowText::add_null() {
  separate();
  std::memcpy(room(2), "\\N", 2);
  used_ += 2;
}

void RowText::begin_number() {
  separate();
  std::memcpy(room(2), "\\#", 2);
  used_ += 2;
}

void RowText::add_integer(std::int64_t value) {
  begin_number();
  char* const at = reinterpret_cast<char*>(room(longest_number));
  used_ += static_cast<std::size_t>(std::to_chars(at, at + longest_number, value).ptr - at);
}

void RowText::add_real(double value) {
  constexpr double smallest = 1e-280;
  begin_number();
  char* const at = reinterpret_cast<char*>(room(longest_number));
  if (std::isnan(value) || std::isinf(value)) {
    const std::string_view name =
        std::isnan(value) ? "NaN" : (value < 0 ? "-Infinity" : "Infinity");
    used_ += name.copy(at, name.size());
    return;
  }
  if (std::abs(value) < smallest) value = 0;
  char* end = std::to_chars(at, at + longest_number, value).ptr;
  if (std::none_of(at, end, [](char c) { return c == '.' || c == 'e'; })) {
    *end++ = '.';
    *end++ = '0';
  }
  used_ += static_cast<std::size_t>(end - at);
}

void RowText::add_text(std::string_view utf8) {
  separate();
  more_text(utf8);
}

void RowText::add_blob(ByteView bytes) {
  begin_blob();
  more_blob(bytes);
}

void RowText::begin_text() {
  separate();
}

// Its backslash stands alone, as in no text.
void RowText::begin_blob() {
  separate();
  std::memcpy(room(2), "\\x", 2);
  used_ += 2;
}

void RowText::more_text(std::string_view piece) {
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, piece_bytes);
    unsigned char* const to = room(2 * part.size());
    used_ += copy_plain(to, part.data(), part.size()) ? part.size() : copy_escaped(to, part);
    piece.remove_prefix(part.size());
  }
}

void RowText::more_blob(ByteView piece) {
  constexpr std::string_view digits = "0123456789abcdef";
  while (!piece.empty()) {
    const ByteView part = piece.first(std::min(piece.size(), piece_bytes));
    unsigned char* to = room(2 * part.size());
    for (const unsigned char byte : part) {
      *to++ = static_cast<unsigned char>(digits[byte >> 4U]);
      *to++ = static_cast<unsigned char>(digits[byte & 15U]);
    }
    used_ += 2 * part.size();
    piece = piece.subspan(part.size());
  }
}

Hash128 RowText::hash() {
  const ByteView rest(buffer_.data(), used_);
  if (!is_longer_) return hash128(rest);
  longer_.update(rest);
  is_longer_ = false;
  used_ = 0;
  return longer_.hash();
}

std::string digest_text(const Hash128& sum) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(sum.high),
                static_cast<unsigned long long>(sum.low));
  return text;
}

}  // namespace backproof
