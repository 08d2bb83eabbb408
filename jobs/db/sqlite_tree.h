// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "base/file.h"
#include "base/result.h"
#include "db/sqlite_meter.h"

// The b-trees of a SQLite file read straight from its pages, in key order: a scan costs what the
// memory costs. Every byte is hostile; what is not as the format says stops the reading.
// Source: https://sqlite.org/fileformat2.html sections 1.5 and 1.6.
namespace backproof {

// Where the content of a cell lies: the first bytes on its page, the rest on overflow pages.
struct Payload {
  const unsigned char* local = nullptr;
  std::uint32_t local_size = 0;
  std::uint32_t overflow = 0;  // first overflow page; 0 = none
  std::uint64_t size = 0;      // of all
};

struct Cell {
  std::int64_t rowid = 0;  // of a table b-tree
  Payload payload;
};

// A read-only mapping of a database file that nobody changes. Thread-safe.
class Pages {
 public:
  // `count` is the number of pages as SQLite sees it; a shorter file is an Error.
  static Result<Pages> open(const Path& file, std::uint32_t count);
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&&) = delete;
  ~Pages();

  std::uint32_t count() const { return count_; }
  std::uint32_t usable() const { return usable_; }
  std::uint32_t page_size() const { return page_size_; }
  // Pages count from 1; null for a page that does not exist.
  const unsigned char* at(std::uint32_t page) const {
    if (page == 0 || page > count_) return nullptr;
    return start_ + std::uint64_t{page - 1} * page_size_;
  }
  // Gives `size` bytes of the payload from `offset` on, as they lie on its pages. False where the
  // chain of overflow pages ends early.
  bool pieces(const Payload& payload, std::uint64_t offset, std::uint64_t size,
              const std::function<void(ByteView)>& piece) const;
  // The same into one place, `into.size()` bytes.
  bool copy(const Payload& payload, std::uint64_t offset, std::span<unsigned char> into) const;

 private:
  Pages() = default;
  const unsigned char* start_ = nullptr;
  std::size_t mapped_ = 0;
  std::uint32_t page_size_ = 0, usable_ = 0, count_ = 0;
};

enum class Walk {
  whole,    // every cell was visited
  odd,      // something was not as the format says
  stopped,  // the visitor had seen enough
};
// False stops the walk. The cell's bytes live as long as the Pages.
using Visit = std::function<bool(const Cell&)>;

// How a walk went, and over how many pages, those included that the cells' overflow chains must
// have.
struct Walked {
  Walk how = Walk::odd;
  std::uint64_t pages = 0;
};

// All rows of a table b-tree by rowid. Each page of the tree is added to `meter`.
Walked walk_table(const Pages& pages, std::uint32_t root, const Visit& visit, PageMeter& meter);
// All entries of an index b-tree in its order.
Walked walk_index(const Pages& pages, std::uint32_t root, const Visit& visit, PageMeter& meter);

// A variable-length integer at `at`, not reading at or beyond `end`: how many bytes it has, 0 when
// it does not fit.
unsigned read_long_varint(const unsigned char* at, const unsigned char* end, std::uint64_t& value);
inline unsigned read_varint(const unsigned char* at, const unsigned char* end,
                            std::uint64_t& value) {
  if (at >= end || *at >= 0x80) return read_long_varint(at, end, value);
  value = *at;  // nearly all of them
  return 1;
}

}  // namespace backproof
