// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite_header.h"

#include <array>
#include <bit>
#include <vector>

namespace backproof {
namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::size_t wal_header_bytes = 32, frame_header_bytes = 24;

std::uint32_t big_endian(ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at]} << 24U | std::uint32_t{bytes[at + 1]} << 16U |
         std::uint32_t{bytes[at + 2]} << 8U | std::uint32_t{bytes[at + 3]};
}

std::uint32_t little_endian(ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at + 3]} << 24U | std::uint32_t{bytes[at + 2]} << 16U |
         std::uint32_t{bytes[at + 1]} << 8U | std::uint32_t{bytes[at]};
}

bool is_page_size(std::uint32_t size) {
  return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

// The running checksum of a log over 8-byte steps, in the byte order that its magic names.
struct WalChecksum {
  bool big = false;
  std::uint32_t a = 0, b = 0;

  void add(ByteView bytes) {
    for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
      a += (big ? big_endian(bytes, i) : little_endian(bytes, i)) + b;
      b += (big ? big_endian(bytes, i + 4) : little_endian(bytes, i + 4)) + a;
    }
  }
  bool equals(ByteView bytes, std::size_t at) const {
    return a == big_endian(bytes, at) && b == big_endian(bytes, at + 4);
  }
};

}  // namespace

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
  if (!is_page_size(header.page_size) || !fractions || !versions) return std::nullopt;
  header.wal_mode = head[18] == 2 || head[19] == 2;
  header.change_counter = big_endian(head, 24);
  header.page_count = big_endian(head, 28);
  header.page_count_valid = header.page_count != 0 && header.change_counter == big_endian(head, 92);
  header.library = big_endian(head, 96);
  return header;
}

Result<WalFacts> inspect_wal(int fd) {
  WalFacts facts;
  std::array<unsigned char, wal_header_bytes> header{};
  TRY_ASSIGN(const std::size_t got, read_at(fd, header, 0));
  if (got < wal_header_bytes) return facts;
  const ByteView head(header);
  WalChecksum sum;
  const std::uint32_t word = big_endian(head, 0);
  sum.big = word == 0x377f0683;
  sum.add(head.first(24));
  facts.page_size = big_endian(head, 8);
  facts.header_ok = (word == 0x377f0682 || word == 0x377f0683) && big_endian(head, 4) == 3007000 &&
                    is_page_size(facts.page_size) && sum.equals(head, 24);
  if (!facts.header_ok) return facts;

  std::vector<unsigned char> frame(frame_header_bytes + facts.page_size);
  for (std::uintmax_t at = wal_header_bytes;; at += frame.size()) {
    TRY_ASSIGN(const std::size_t n, read_at(fd, frame, at));
    const ByteView view(frame);
    // Frames of an older generation carry other salts: they are leftovers, not part of the log.
    if (n < 16 || as_text(view.subspan(8, 8)) != as_text(head.subspan(16, 8))) return facts;
    ++facts.frames;
    if (n < frame.size() || facts.valid_frames + 1 != facts.frames) continue;
    sum.add(view.first(8));
    sum.add(view.subspan(frame_header_bytes));
    if (!sum.equals(view, 16)) continue;
    ++facts.valid_frames;
    if (const std::uint32_t pages = big_endian(view, 4); pages != 0) {
      facts.committed_frames = facts.valid_frames;
      facts.database_pages = pages;
    }
  }
}

}  // namespace backproof
