// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_tree.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>

namespace backproof {
namespace {

constexpr unsigned char interior_index = 2, interior_table = 5, leaf_index = 10, leaf_table = 13;
constexpr std::uint32_t header_bytes = 100;  // of the file, at the start of page 1
constexpr int max_depth = 20;                // as SQLite's own cursors

std::uint32_t read_u16(const unsigned char* p) {
  return (std::uint32_t{p[0]} << 8U) | p[1];
}
std::uint32_t read_u32(const unsigned char* p) {
  return (read_u16(p) << 16U) | read_u16(p + 2);
}

// One walk through one tree.
class Walker {
 public:
  Walker(const Pages& pages, bool table, const Visit& visit, PageMeter& meter)
      : pages_(pages), table_(table), visit_(visit), meter_(meter) {
    const std::uint32_t usable = pages.usable();
    max_local_ = table ? usable - 35 : (usable - 12) * 64 / 255 - 23;
    min_local_ = (usable - 12) * 32 / 255 - 23;
  }

  Walked walk(std::uint32_t root) {
    const Walk how = page(root, 0);
    return {how, pages_seen_ + overflow_pages_};
  }

 private:
  Walk page(std::uint32_t number, int depth) {
    const unsigned char* const data = pages_.at(number);
    // More pages than there are means that some lead back to others.
    if (data == nullptr || depth > max_depth || ++pages_seen_ > pages_.count()) return Walk::odd;
    meter_.add(1);
    const std::uint32_t header = number == 1 ? header_bytes : 0;
    const unsigned char kind = data[header];
    const bool leaf = kind == (table_ ? leaf_table : leaf_index);
    if (!leaf && kind != (table_ ? interior_table : interior_index)) return Walk::odd;
    const std::uint32_t cells = read_u16(data + header + 3);
    const std::uint32_t pointers = header + (leaf ? 8 : 12);
    if (pointers + 2 * cells > pages_.usable()) return Walk::odd;
    for (std::uint32_t i = 0; i < cells; ++i) {
      const std::uint32_t offset = read_u16(data + pointers + 2 * i);
      if (offset < pointers + 2 * cells || offset + 4 > pages_.usable()) return Walk::odd;
      const Walk done = cell(data, offset, leaf, depth);
      if (done != Walk::whole) return done;
    }
    return leaf ? Walk::whole : page(read_u32(data + header + 8), depth + 1);
  }

  Walk cell(const unsigned char* data, std::uint32_t offset, bool leaf, int depth) {
    const unsigned char* at = data + offset;
    if (!leaf) {
      const Walk below = page(read_u32(at), depth + 1);
      if (below != Walk::whole || table_) return below;
      at += 4;
    }
    Cell cell;
    if (!content(at, data + pages_.usable(), cell)) return Walk::odd;
    const std::uint64_t beyond = cell.payload.size - cell.payload.local_size;
    if (beyond != 0) overflow_pages_ += (beyond - 1) / (pages_.usable() - 4) + 1;
    return visit_(cell) ? Walk::whole : Walk::stopped;
  }

  bool content(const unsigned char* at, const unsigned char* end, Cell& cell) const {
    std::uint64_t size = 0;
    const unsigned size_bytes = read_varint(at, end, size);
    if (size_bytes == 0 || size > 0x7fffffffU) return false;
    at += size_bytes;
    if (table_) {
      std::uint64_t rowid = 0;
      const unsigned rowid_bytes = read_varint(at, end, rowid);
      if (rowid_bytes == 0) return false;
      cell.rowid = static_cast<std::int64_t>(rowid);
      at += rowid_bytes;
    }
    cell.payload.size = size;
    cell.payload.local = at;
    cell.payload.local_size = local_part(static_cast<std::uint32_t>(size));
    const bool overflows = cell.payload.local_size < size;
    if (cell.payload.local_size + (overflows ? 4U : 0U) > static_cast<std::size_t>(end - at))
      return false;
    if (overflows) cell.payload.overflow = read_u32(at + cell.payload.local_size);
    return true;
  }

  std::uint32_t local_part(std::uint32_t size) const {
    if (size <= max_local_) return size;
    const std::uint32_t surplus = min_local_ + (size - min_local_) % (pages_.usable() - 4);
    return surplus <= max_local_ ? surplus : min_local_;
  }

  const Pages& pages_;
  bool table_;
  const Visit& visit_;
  PageMeter& meter_;
  std::uint32_t max_local_ = 0, min_local_ = 0;
  std::uint64_t pages_seen_ = 0, overflow_pages_ = 0;
};

}  // namespace

unsigned read_long_varint(const unsigned char* at, const unsigned char* end, std::uint64_t& value) {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < 9; ++i) {
    if (at + i >= end) return 0;
    if (i == 8) {
      value = (sum << 8U) | at[i];
      return 9;
    }
    sum = (sum << 7U) | (at[i] & 0x7fU);
    if (at[i] < 0x80) {
      value = sum;
      return i + 1;
    }
  }
  return 0;
}

Result<Pages> Pages::open(const Path& file, std::uint32_t count) {
  TRY_ASSIGN(const Fd fd, open_readonly(file));
  TRY_ASSIGN(const FileFacts facts, facts_of(fd.get()));
  unsigned char header[header_bytes];
  TRY_ASSIGN(const std::size_t got, read_at(fd.get(), header, 0));
  const std::uint32_t stored = got == header_bytes ? read_u16(header + 16) : 0;
  Pages pages;
  pages.page_size_ = stored == 1 ? 65536 : stored;
  pages.usable_ = pages.page_size_ - header[20];
  pages.count_ = count;
  const std::uint64_t needed = std::uint64_t{count} * pages.page_size_;
  if (pages.page_size_ < 512 || (pages.page_size_ & (pages.page_size_ - 1)) != 0 ||
      pages.usable_ < 480 || count == 0 || facts.bytes < needed)
    return Error{Cause::damaged, "the file is shorter than its pages", ""};
  void* const start = mmap(nullptr, needed, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (start == MAP_FAILED) return errno_error(Cause::space, "mapping the database");
  pages.start_ = static_cast<const unsigned char*>(start);
  pages.mapped_ = needed;
  return pages;
}

Pages::Pages(Pages&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)),
      mapped_(other.mapped_),
      page_size_(other.page_size_),
      usable_(other.usable_),
      count_(other.count_) {}

Pages::~Pages() {
  if (start_ != nullptr) munmap(const_cast<unsigned char*>(start_), mapped_);
}

bool Pages::pieces(const Payload& payload, std::uint64_t offset, std::uint64_t size,
                   const std::function<void(ByteView)>& piece) const {
  if (offset > payload.size || size > payload.size - offset) return false;
  std::uint64_t left = size;
  if (left != 0 && offset < payload.local_size) {
    const auto n = std::min<std::uint64_t>(left, payload.local_size - offset);
    piece({payload.local + offset, static_cast<std::size_t>(n)});
    left -= n;
    offset += n;
  }
  std::uint64_t skip = offset - payload.local_size;
  const std::uint64_t room = usable_ - 4;
  // As long as the payload says: a chain that leads back to itself ends all the same.
  for (std::uint32_t next = payload.overflow; left != 0;) {
    const unsigned char* const page = at(next);
    if (page == nullptr) return false;
    if (skip < room) {
      const auto n = std::min(left, room - skip);
      piece({page + 4 + skip, static_cast<std::size_t>(n)});
      left -= n;
      skip = 0;
    } else {
      skip -= room;
    }
    next = read_u32(page);
  }
  return true;
}

bool Pages::copy(const Payload& payload, std::uint64_t offset,
                 std::span<unsigned char> into) const {
  unsigned char* out = into.data();
  return pieces(payload, offset, into.size(), [&out](ByteView piece) {
    std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  });
}

Walked walk_table(const Pages& pages, std::uint32_t root, const Visit& visit, PageMeter& meter) {
  return Walker(pages, true, visit, meter).walk(root);
}

Walked walk_index(const Pages& pages, std::uint32_t root, const Visit& visit, PageMeter& meter) {
  return Walker(pages, false, visit, meter).walk(root);
}

}  // namespace backproof
