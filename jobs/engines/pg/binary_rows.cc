// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/binary_rows.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace backproof::pg_rows {
namespace {

using Bytes = std::vector<unsigned char>;

// What a field may end with, and what makes it more than its bytes.
bool is_special(char c) {
  return c == '\t' || c == '\n' || c == '\\' || c == '\r';
}

// Where the first special character is, from `at` on; the size where there is none.
std::size_t find_special(std::string_view text, std::size_t at) {
  using Block = unsigned char __attribute__((vector_size(16)));
  for (; at + sizeof(Block) <= text.size(); at += sizeof(Block)) {
    Block block;
    std::memcpy(&block, text.data() + at, sizeof(block));
    const auto hits = (block == '\t') | (block == '\n') | (block == '\\') | (block == '\r');
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), &hits, sizeof(hits));
    if ((words[0] | words[1]) == 0) continue;
    while (!is_special(text[at])) ++at;
    return at;
  }
  while (at < text.size() && !is_special(text[at])) ++at;
  return at;
}

void put_length(Bytes& out, std::size_t at, std::size_t length) {
  for (std::size_t i = 0; i < 4; ++i)
    out[at + i] = static_cast<unsigned char>(length >> (8 * (3 - i)));
}

class Encoder {
 public:
  Encoder(const std::vector<PgBinaryType>& types, std::string_view rows, Bytes& out)
      : types_(types), rows_(rows), out_(out) {}

  // False, with `out` as it was, where the row at `at` is none to take.
  bool row(std::size_t& at) {
    const std::size_t before = out_.size();
    std::size_t next = at;
    out_.push_back(static_cast<unsigned char>(types_.size() >> 8U));
    out_.push_back(static_cast<unsigned char>(types_.size()));
    for (std::size_t i = 0; i < types_.size(); ++i) {
      const char expected = i + 1 == types_.size() ? '\n' : '\t';
      if (field(types_[i], next) && next < rows_.size() && rows_[next] == expected) {
        ++next;
        continue;
      }
      out_.resize(before);
      return false;
    }
    at = next;
    return true;
  }

 private:
  // Goes to the character that ends the field.
  bool field(PgBinaryType type, std::size_t& at) {
    const std::size_t start = at;
    at = find_special(rows_, at);
    if (at == rows_.size()) return false;
    if (rows_[at] != '\\') return append(type, rows_.substr(start, at - start));
    plain_.clear();
    std::size_t from = start;
    for (; at < rows_.size() && rows_[at] == '\\'; at = find_special(rows_, from)) {
      plain_.append(rows_, from, at - from);
      if (at + 1 == rows_.size()) return false;
      const char c = rows_[at + 1];
      if (c == 'N') {
        // Only alone it means that there is no value.
        const bool alone = at == start;
        at += 2;
        const bool ends = at < rows_.size() && (rows_[at] == '\t' || rows_[at] == '\n');
        if (alone && ends) out_.insert(out_.end(), 4, 0xFF);
        return alone && ends;
      }
      if (!append_escaped(c)) return false;
      from = at + 2;
    }
    plain_.append(rows_, from, at - from);
    return at < rows_.size() && append(type, plain_);
  }

  bool append_escaped(char c) {
    static constexpr std::string_view letters = "bfnrtv", meant = "\b\f\n\r\t\v";
    // Octal and hexadecimal numbers, which the server never writes, and the end of all rows.
    if ((c >= '0' && c <= '9') || c == 'x' || c == '.' || c == '\n' || c == '\r') return false;
    const std::size_t letter = letters.find(c);
    plain_ += letter == std::string_view::npos ? c : meant[letter];
    return true;
  }

  bool append(PgBinaryType type, std::string_view text) {
    const std::size_t length = out_.size();
    out_.insert(out_.end(), 4, 0);
    if (!append_binary(type, text, out_)) return false;
    put_length(out_, length, out_.size() - length - 4);
    return true;
  }

  const std::vector<PgBinaryType>& types_;
  const std::string_view rows_;
  Bytes& out_;
  std::string plain_;  // the field without its escapes
};

}  // namespace

bool is_escaped(ByteView rows, std::size_t at) {
  std::size_t start = at;
  while (start > 0 && rows[start - 1] == '\\') --start;
  return (at - start) % 2 == 1;
}

std::size_t end_of_last(ByteView rows) {
  while (!rows.empty()) {
    const void* const found = memrchr(rows.data(), '\n', rows.size());
    if (found == nullptr) return 0;
    const auto at =
        static_cast<std::size_t>(static_cast<const unsigned char*>(found) - rows.data());
    if (!is_escaped(rows, at)) return at + 1;
    rows = rows.first(at);
  }
  return 0;
}

ByteView header() {
  // Signature, flags, length of the extension.
  static constexpr std::array<unsigned char, 19> bytes{
      'P', 'G', 'C', 'O', 'P', 'Y', '\n', 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0};
  return bytes;
}

ByteView trailer() {
  static constexpr std::array<unsigned char, 2> bytes{0xFF, 0xFF};
  return bytes;
}

std::size_t encode(const std::vector<PgBinaryType>& types, ByteView rows, Bytes& out) {
  const std::string_view text(reinterpret_cast<const char*>(rows.data()), rows.size());
  Encoder encoder(types, text, out);
  std::size_t at = 0;
  while (at < text.size() && encoder.row(at)) {
  }
  return at;
}

}  // namespace backproof::pg_rows
