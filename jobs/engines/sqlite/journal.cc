// SPDX-License-Identifier: Apache-2.0
#include "engines/sqlite/journal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "base/text.h"

namespace backproof {
namespace {

constexpr std::string_view magic{"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8};
constexpr std::size_t header_bytes = 28;
constexpr std::uint32_t to_the_end = 0xffffffff;
// The page that holds SQLite's locks is never in a journal: its number begins the trailer.
constexpr std::uint32_t lock_byte = 0x40000000;
// Pages whose numbers are remembered to find one that comes twice: 32 MiB of bits.
constexpr std::size_t most_remembered = std::size_t{1} << 28U;

// Bytes `at` ...; what lies behind the end of the file is zero.
Result<ByteView> look(int fd, std::span<unsigned char> into, std::uintmax_t at) {
  TRY_ASSIGN(const std::size_t n, read_at(fd, into, at));
  std::fill(into.begin() + static_cast<std::ptrdiff_t>(n), into.end(), 0);
  return ByteView(into);
}

bool all_zero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](unsigned char c) { return c == 0; });
}

class Inspection {
 public:
  Inspection(int fd, std::uintmax_t size) : fd_(fd), size_(size) {}

  Result<JournalFacts> inspect() {
    std::array<unsigned char, header_bytes> bytes{};
    TRY_ASSIGN(const ByteView head, look(fd_, bytes, 0));
    // Neither a finished journal nor one whose first record is not yet safe on disk has a magic
    // or a count: its transaction did not touch the database.
    if (size_ == 0 || all_zero(head.first(12))) return facts_;
    facts_.hot = true;
    if (!as_text(head).starts_with(magic)) return damaged("its header does not begin as it must");
    facts_.database_pages = big_endian(head, 16);
    sector_ = big_endian(head, 20);
    facts_.page_size = big_endian(head, 24);
    if (sector_ < 32 || sector_ > 65536 || !std::has_single_bit(sector_) ||
        !is_sqlite_page_size(facts_.page_size))
      return damaged("its header holds sizes that SQLite never writes");
    record_.resize(4 + facts_.page_size + 4);
    end_ = size_;
    TRY(find_super_journal());
    for (std::uintmax_t at = 0; facts_.damage.empty();) {
      TRY_ASSIGN(const std::uintmax_t next, segment(at));
      if (next == 0) break;
      at = next;
    }
    return facts_;
  }

 private:
  JournalFacts damaged(std::string why) {
    facts_.damage = std::move(why);
    return facts_;
  }
  std::string number() const { return "record " + text::format_count(facts_.records + 1); }
  std::uintmax_t next_sector(std::uintmax_t at) const {
    return (at + sector_ - 1) / sector_ * sector_;
  }
  std::uint32_t lock_page() const { return lock_byte / facts_.page_size + 1; }

  // The trailer: lock page, name, length, sum of the name's bytes, magic.
  Result<void> find_super_journal() {
    if (size_ < sector_ + 20) return {};
    std::array<unsigned char, 16> bytes{};
    TRY_ASSIGN(const ByteView tail, look(fd_, bytes, size_ - 16));
    const std::uint32_t length = big_endian(tail, 0);
    if (as_text(tail.subspan(8)) != magic || length == 0 || length > 4096 ||
        length + 20 > size_ - sector_)
      return {};
    facts_.super_journal = end_ = size_ - length - 20;
    return {};
  }

  // A segment that begins at `at`: where the next one begins, 0 = there is none.
  Result<std::uintmax_t> segment(std::uintmax_t at) {
    std::array<unsigned char, header_bytes> bytes{};
    if (at != 0 && at + header_bytes > end_) return std::uintmax_t{0};
    TRY_ASSIGN(const ByteView head, look(fd_, bytes, at));
    if (!as_text(head).starts_with(magic)) {
      if (is_broken_header(head)) facts_.damage = "the header of a later segment is broken";
      return std::uintmax_t{0};
    }
    const std::uint32_t count = big_endian(head, 8);
    nonce_ = big_endian(head, 12);
    if (big_endian(head, 16) != facts_.database_pages) {
      facts_.damage = "its segments disagree on the size of the database";
      return std::uintmax_t{0};
    }
    std::uintmax_t offset = at + sector_;
    if (end_ < offset) {
      facts_.damage = "it ends inside its header";
      return std::uintmax_t{0};
    }
    const std::uintmax_t there = (end_ - offset) / record_.size();
    const std::uintmax_t records = count == to_the_end ? there : count;
    if (records > there) {
      facts_.damage = "it ends after " + text::plural(facts_.records + there, "record") + " of " +
                      text::format_count(facts_.records + records);
      return std::uintmax_t{0};
    }
    for (std::uintmax_t i = 0; i < records; ++i, offset += record_.size()) {
      TRY(play(offset));
      if (!facts_.damage.empty()) return std::uintmax_t{0};
    }
    TRY(behind(offset));
    facts_.proven_whole = count != to_the_end && next_sector(offset) + header_bytes <= size_;
    return count == to_the_end ? std::uintmax_t{0} : next_sector(offset);
  }

  // Behind the last segment a longer journal of earlier times may go on, whose next header SQLite
  // marks by a zero in front, or zeros, or a header that is not yet safe on disk.
  bool is_broken_header(ByteView head) const {
    return head[0] != 0 && big_endian(head, 16) == facts_.database_pages &&
           big_endian(head, 20) == sector_ && big_endian(head, 24) == facts_.page_size;
  }

  // One record as SQLite would play it back.
  Result<void> play(std::uintmax_t offset) {
    TRY_ASSIGN(const ByteView record, look(fd_, record_, offset));
    const std::uint32_t page = big_endian(record, 0);
    if (page == 0 || page == lock_page() || page > facts_.database_pages)
      facts_.damage = number() + " is for page " + std::to_string(page) + " of " +
                      std::to_string(facts_.database_pages);
    else if (!sum_fits(record))
      facts_.damage = number() + " has a wrong checksum";
    else if (seen_before(page))
      facts_.damage = number() + " is for page " + std::to_string(page) + " once more";
    else if (page == 1)
      judge_first_page(record.subspan(4, facts_.page_size));
    ++facts_.records;
    return {};
  }

  // The count ends here: a record that belongs to this segment would be left out, and the lock
  // page begins the name of a super-journal whose end is lost.
  Result<void> behind(std::uintmax_t offset) {
    if (offset + record_.size() <= end_) {
      TRY_ASSIGN(const ByteView record, look(fd_, record_, offset));
      const std::uint32_t page = big_endian(record, 0);
      if (page != 0 && page <= facts_.database_pages && sum_fits(record))
        facts_.damage = "more records stand in it than its header counts";
    }
    std::array<unsigned char, 4> bytes{};
    for (const std::uintmax_t at : {offset, next_sector(offset)}) {
      if (facts_.super_journal != 0 || at + 4 > size_) continue;
      TRY_ASSIGN(const ByteView word, look(fd_, bytes, at));
      if (big_endian(word, 0) == lock_page()) facts_.super_journal = at;
    }
    return {};
  }

  bool sum_fits(ByteView record) const {
    std::uint32_t sum = nonce_;
    for (std::size_t i = facts_.page_size - 200; i > 0 && i < facts_.page_size; i -= 200)
      sum += record[4 + i];
    return sum == big_endian(record, 4 + facts_.page_size);
  }

  // Every page is recorded once in a transaction.
  bool seen_before(std::uint32_t page) {
    if (page >= most_remembered) return false;
    if (page >= seen_.size())
      seen_.resize(std::min(most_remembered, std::max<std::size_t>(page + 1, 2 * seen_.size())));
    const bool before = seen_[page];
    seen_[page] = true;
    return before;
  }

  // The header that comes back must agree on the size that the file is cut to.
  void judge_first_page(ByteView page) {
    const auto header = parse_sqlite_header(page);
    if (header && header->page_count_valid && header->page_count != facts_.database_pages)
      facts_.damage = "it is for a database of " + text::plural(facts_.database_pages, "page") +
                      ", but the first page in it says " + std::to_string(header->page_count);
  }

  int fd_;
  std::uintmax_t size_, end_ = 0;
  std::uint32_t sector_ = 0, nonce_ = 0;
  std::vector<unsigned char> record_;
  std::vector<bool> seen_;
  JournalFacts facts_;
};

}  // namespace

Result<JournalFacts> inspect_journal(int fd) {
  TRY_ASSIGN(const FileFacts file, facts_of(fd));
  return Inspection(fd, file.bytes).inspect();
}

}  // namespace backproof
