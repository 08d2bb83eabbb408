// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/row_watch.h"

#include <algorithm>
#include <optional>
#include <string>

namespace backproof {
namespace {

// Compilers make vector instructions of loops over so many bytes; less than 256.
constexpr std::size_t block = 128;

// How many rows end in the block. Nothing where it has to be read byte by byte.
std::optional<std::uint64_t> count_plain(const unsigned char* p) {
  unsigned char ends = p[0] == '\n' ? 1 : 0;
  unsigned char odd = p[0] == '\r' || p[block - 1] == '\\' ? 1 : 0;
  for (std::size_t i = 1; i < block; ++i) {
    const bool end = p[i] == '\n';
    const bool here = (p[i] == '\r') | ((p[i - 1] == '\\') & (end | (p[i] == '.')));
    ends = static_cast<unsigned char>(ends + static_cast<unsigned char>(end));
    odd = static_cast<unsigned char>(odd | static_cast<unsigned char>(here));
  }
  return odd == 0 ? std::optional<std::uint64_t>(ends) : std::nullopt;
}

Error damaged(std::uint64_t row, const char* what) {
  return {Cause::damaged, "row " + std::to_string(row) + " " + what, ""};
}

}  // namespace

Result<void> PgRowWatch::see(ByteView rows) {
  while (!rows.empty()) {
    const std::size_t size = std::min(block, rows.size());
    const bool plain = size == block && !escaped_ && !dot_ && !return_ && !returns_;
    if (const auto ends = plain ? count_plain(rows.data()) : std::nullopt)
      rows_ += *ends;
    else
      for (const unsigned char c : rows.first(size)) TRY(see(c));
    rows = rows.subspan(size);
  }
  return {};
}

Result<void> PgRowWatch::see(unsigned char c) {
  if (escaped_) {
    escaped_ = false;
    dot_ = c == '.';
    return {};
  }
  const bool ends = c == '\n' || c == '\r';
  if (dot_ && ends) return damaged(rows_ + 1, "ends with \\., the mark behind all rows");
  if (return_ && c != '\n') return damaged(rows_ + 1, "holds a carriage return");
  if (c == '\n') {
    if (rows_++ == 0) returns_ = return_;
    if (returns_ != return_) return damaged(rows_, "ends in another way than those before it");
  }
  escaped_ = c == '\\';
  dot_ = false;
  return_ = c == '\r';
  return {};
}

}  // namespace backproof
