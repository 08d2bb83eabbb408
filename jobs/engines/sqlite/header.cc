// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/header.h"

#include <bit>

namespace backproof {
namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};

}  // namespace

bool is_sqlite_page_size(std::uint32_t bytes) {
  return bytes >= 512 && bytes <= 65536 && std::has_single_bit(bytes);
}

std::uint32_t big_endian(ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

std::string SqliteHeader::library_version() const {
  if (library == 0) return "";
  return std::to_string(library / 1'000'000) + '.' + std::to_string(library / 1000 % 1000) + '.' +
         std::to_string(library % 1000);
}

bool is_sqlite_file(ByteView head) {
  return as_text(head).starts_with(magic);
}

std::optional<SqliteHeader> parse_sqlite_header(ByteView head) {
  if (head.size() < 100 || !is_sqlite_file(head)) return std::nullopt;
  SqliteHeader header;
  const std::uint32_t size = std::uint32_t{head[16]} << 8U | head[17];
  header.page_size = size == 1 ? 65536 : size;
  const bool fractions = head[21] == 64 && head[22] == 32 && head[23] == 32;
  const bool versions = head[18] >= 1 && head[18] <= 2 && head[19] >= 1 && head[19] <= 2;
  if (!is_sqlite_page_size(header.page_size) || !fractions || !versions) return std::nullopt;
  header.wal_mode = head[18] == 2 || head[19] == 2;
  header.change_counter = big_endian(head, 24);
  header.page_count = big_endian(head, 28);
  header.page_count_valid = header.page_count != 0 && header.change_counter == big_endian(head, 92);
  header.schema_cookie = big_endian(head, 40);
  header.library = big_endian(head, 96);
  return header;
}

}  // namespace backproof
