// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "base/digest.h"
#include "db/sqlite_tree.h"

// Values of a SQLite database outside of SQLite: decoded from records, compared as SQLite's
// indexes compare them, and written down so that equal values have equal bytes.
// Source: https://sqlite.org/fileformat2.html section 2, https://sqlite.org/datatype3.html.
namespace backproof {

struct SqliteValue {
  enum class Kind { null, integer, real, text, blob };
  Kind kind = Kind::null;
  std::int64_t integer = 0;
  double real = 0;
  ByteView bytes;  // of text (in the database's encoding) and blob
};

// SQLite's own collations; for databases in UTF-8, binary for all.
enum class Collation { binary, nocase, rtrim };

// Less than, equal to, greater than 0 as `a` comes before, with or after `b`.
int compare(const SqliteValue& a, const SqliteValue& b, Collation collation);

// Bytes of a row of values. Two rows have the same bytes when their values are of the same class
// and equal as binary; numbers that compare equal are the same whatever their class, because
// SQLite stores 1.0 as it likes.
class CanonicalRow {
 public:
  void clear() { used_ = 0; }
  void add(const SqliteValue& value);
  ByteView bytes() const { return {buffer_.data(), used_}; }

 private:
  unsigned char* grow(std::size_t n);
  std::vector<unsigned char> buffer_;
  std::size_t used_ = 0;
};

// How many rows there are, and the digest of all of them in any order.
struct RowSum {
  Hash128 hash;
  std::uint64_t rows = 0;

  void add(const CanonicalRow& row) {
    hash += hash128(row.bytes());
    ++rows;
  }
  bool operator==(const RowSum&) const = default;
};

// A record in a cell. Can be parsed again and again; views into values live until then.
class SqliteRecord {
 public:
  explicit SqliteRecord(const Pages& pages) : pages_(&pages) {}
  // False when header and content do not fit together exactly.
  bool parse(const Payload& payload);
  std::size_t fields() const { return fields_.size(); }
  // False for what SQLite never writes (reserved types, NaN), for broken overflow chains and for
  // more than 4 MiB of values on overflow pages.
  bool value(std::size_t field, SqliteValue& value);
  // True for text or a blob of which a part is on overflow pages: pieces() gives it in any length.
  bool is_spilled(std::size_t field) const {
    const auto [type, offset] = fields_[field];
    return type >= 12 && offset + (type - 12) / 2 > payload_.local_size;
  }
  bool is_text(std::size_t field) const {
    return fields_[field].type >= 12 && fields_[field].type % 2 != 0;
  }
  // Its bytes in their order; false for a broken overflow chain.
  bool pieces(std::size_t field, const std::function<void(ByteView)>& piece) const {
    const auto [type, offset] = fields_[field];
    return pages_->pieces(payload_, offset, (type - 12) / 2, piece);
  }

 private:
  struct Field {
    std::uint64_t type;
    std::uint64_t offset;
  };
  bool view(std::uint64_t offset, std::uint64_t size, ByteView& bytes);

  const Pages* pages_;
  Payload payload_;
  std::vector<Field> fields_;
  std::deque<std::vector<unsigned char>> spilled_;  // values from overflow pages
  std::uint64_t spilled_bytes_ = 0;
};

}  // namespace backproof
