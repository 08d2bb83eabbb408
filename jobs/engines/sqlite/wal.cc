// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/wal.h"

#include <algorithm>
#include <array>
#include <vector>

namespace backproof {
namespace {

constexpr std::size_t header_bytes = 32, frame_header_bytes = 24;

std::uint32_t little_endian(ByteView bytes, std::size_t at) {
  return std::uint32_t{bytes[at + 3]} << 24U | std::uint32_t{bytes[at + 2]} << 16U |
         std::uint32_t{bytes[at + 1]} << 8U | std::uint32_t{bytes[at]};
}

// The running checksum of a log over 8-byte steps, in the byte order that its magic names.
struct Checksum {
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

enum class Salts { own, half, foreign };

class Inspection {
 public:
  Inspection(ByteView head, ByteView first_page)
      : salt1_(big_endian(head, 16)),
        salt2_(big_endian(head, 20)),
        first_page_(first_page),
        database_(parse_sqlite_header(first_page)) {
    const std::uint32_t magic = big_endian(head, 0);
    sum_.big = magic == 0x377f0683;
    sum_.add(head.first(24));
    facts_.page_size = big_endian(head, 8);
    facts_.header_ok = (magic == 0x377f0682 || magic == 0x377f0683) &&
                       big_endian(head, 4) == 3007000 && is_sqlite_page_size(facts_.page_size) &&
                       sum_.equals(head, 24);
  }

  WalFacts& facts() { return facts_; }

  void frame(ByteView frame) {
    ++seen_;
    const Salts salts = salts_of(frame);
    if (salts == Salts::foreign) {
      foreign_ = true;
      return;
    }
    facts_.frames = seen_;
    facts_.broken_salts = facts_.broken_salts || foreign_ || salts == Salts::half;
    const std::uint32_t pages = big_endian(frame, 4);
    if (pages != 0) facts_.last_commit = seen_;
    if (facts_.valid_frames + 1 != seen_ || salts != Salts::own || big_endian(frame, 0) == 0)
      return;
    const Checksum before = sum_;
    sum_.add(frame.first(8));
    sum_.add(frame.subspan(frame_header_bytes));
    if (!sum_.equals(frame, 16)) {
      if (pages == 0 && lost_its_mark(before, frame)) facts_.last_commit = seen_;
      return;
    }
    facts_.valid_frames = seen_;
    if (big_endian(frame, 0) == 1)
      page_one_.assign(frame.begin() + frame_header_bytes, frame.end());
    if (pages == 0) return;
    facts_.committed_frames = seen_;
    facts_.database_pages = pages;
    commit_page_one();
  }

 private:
  // Only what a transaction leaves in the end can get into the database file.
  void commit_page_one() {
    if (page_one_.empty()) return;
    const ByteView page(page_one_);
    facts_.header = parse_sqlite_header(page);
    if (!facts_.first_header) facts_.first_header = facts_.header;
    if (database_ && facts_.header && page.size() == first_page_.size()) {
      const bool same = std::ranges::equal(page.subspan(100), first_page_.subspan(100));
      const bool same_number = facts_.header->schema_cookie == database_->schema_cookie;
      facts_.same_schema = facts_.same_schema || (same_number && same);
      facts_.other_schema = facts_.other_schema || (same_number && !same);
      facts_.holds_first_page = facts_.holds_first_page || std::ranges::equal(page, first_page_);
    }
    page_one_.clear();
  }

  // The first salt counts up and the second is random in every generation of a log, so a frame
  // that shares only one of them with the header is no leftover: its salt is damaged.
  Salts salts_of(ByteView frame) const {
    const bool first = big_endian(frame, 8) == salt1_;
    const bool second = big_endian(frame, 12) == salt2_;
    return first && second ? Salts::own : first || second ? Salts::half : Salts::foreign;
  }

  // The commit mark is a size in pages, of which one flipped bit may leave nothing.
  static bool lost_its_mark(const Checksum& before, ByteView frame) {
    std::array<unsigned char, 8> head{};
    std::copy_n(frame.begin(), 4, head.begin());
    for (std::size_t bit = 0; bit < 32; ++bit) {
      std::fill(head.begin() + 4, head.end(), static_cast<unsigned char>(0));
      head[4 + bit / 8] = static_cast<unsigned char>(1U << bit % 8);
      Checksum sum = before;
      sum.add(head);
      sum.add(frame.subspan(frame_header_bytes));
      if (sum.equals(frame, 16)) return true;
    }
    return false;
  }

  std::uint32_t salt1_, salt2_;
  Checksum sum_;
  WalFacts facts_;
  std::uint64_t seen_ = 0;
  bool foreign_ = false;
  std::vector<unsigned char> page_one_;  // of the transaction that is being read; empty = none
  ByteView first_page_;
  std::optional<SqliteHeader> database_;
};

}  // namespace

Result<WalFacts> inspect_wal(int fd, ByteView first_page) {
  std::array<unsigned char, header_bytes> header{};
  TRY_ASSIGN(const std::size_t got, read_at(fd, header, 0));
  if (got < header_bytes) return WalFacts{};
  Inspection inspection(header, first_page);
  WalFacts& facts = inspection.facts();
  if (!facts.header_ok) return facts;
  std::vector<unsigned char> frame(frame_header_bytes + facts.page_size);
  for (std::uintmax_t at = header_bytes;; at += frame.size()) {
    TRY_ASSIGN(const std::size_t n, read_at(fd, frame, at));
    if (n < frame.size()) {
      facts.cut_bytes = n;
      return facts;
    }
    inspection.frame(frame);
  }
}

Result<std::uint32_t> find_page_of_other_kind(int log, const WalFacts& wal, int database) {
  std::array<unsigned char, frame_header_bytes + 1> head{};
  std::array<unsigned char, 1> kind{};
  for (std::uint64_t frame = 0; frame < wal.committed_frames; ++frame) {
    TRY_ASSIGN(const std::size_t n,
               read_at(log, head, header_bytes + frame * (frame_header_bytes + wal.page_size)));
    const std::uint32_t page = big_endian(head, 0);
    if (n < head.size() || page <= 1) continue;
    TRY_ASSIGN(const std::size_t there,
               read_at(database, kind, std::uintmax_t{page - 1} * wal.page_size));
    if (there == 1 && kind.front() != head.back()) return page;
  }
  return std::uint32_t{0};
}

}  // namespace backproof
