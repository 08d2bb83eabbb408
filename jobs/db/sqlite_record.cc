// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_record.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace backproof {
namespace {

using Kind = SqliteValue::Kind;

constexpr double two_to_63 = 9223372036854775808.0;

// SQLite's own limit for the header of a record, and ours for what one record may bring into
// memory from overflow pages: a hostile length must not cost more.
constexpr std::uint64_t max_header = 98307;
constexpr std::uint64_t max_spilled = 4U << 20U;

template <typename T>
int three_way(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_integer_real(std::int64_t i, double r) {
  if (r < -two_to_63) return 1;
  if (r >= two_to_63) return -1;
  const auto whole = static_cast<std::int64_t>(r);
  if (i != whole) return i < whole ? -1 : 1;
  return three_way(static_cast<double>(whole), r);  // the fraction decides
}

int compare_numbers(const SqliteValue& a, const SqliteValue& b) {
  if (a.kind == Kind::integer && b.kind == Kind::integer) return three_way(a.integer, b.integer);
  if (a.kind == Kind::real && b.kind == Kind::real) return three_way(a.real, b.real);
  if (a.kind == Kind::integer) return compare_integer_real(a.integer, b.real);
  return -compare_integer_real(b.integer, a.real);
}

int compare_bytes(ByteView a, ByteView b) {
  const std::size_t n = std::min(a.size(), b.size());
  const int order = n == 0 ? 0 : std::memcmp(a.data(), b.data(), n);
  return order != 0 ? order : three_way(a.size(), b.size());
}

unsigned char folded(unsigned char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + ('a' - 'A')) : c;
}

// ASCII letters are equal to their other case; a zero byte in both ends the comparison of bytes,
// and only the lengths still count: so SQLite does it, and an index is ordered by that.
int compare_nocase(ByteView a, ByteView b) {
  const std::size_t n = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < n; ++i) {
    const unsigned char x = folded(a[i]);
    const unsigned char y = folded(b[i]);
    if (x != y) return x < y ? -1 : 1;
    if (x == 0) break;
  }
  return three_way(a.size(), b.size());
}

ByteView without_trailing_spaces(ByteView bytes) {
  while (!bytes.empty() && bytes.back() == ' ') bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

int compare_text(ByteView a, ByteView b, Collation collation) {
  switch (collation) {
    case Collation::binary:
      return compare_bytes(a, b);
    case Collation::nocase:
      return compare_nocase(a, b);
    case Collation::rtrim:
      return compare_bytes(without_trailing_spaces(a), without_trailing_spaces(b));
  }
  return 0;
}

int rank(Kind kind) {
  switch (kind) {
    case Kind::null:
      return 0;
    case Kind::integer:
    case Kind::real:
      return 1;
    case Kind::text:
      return 2;
    case Kind::blob:
      return 3;
  }
  return 0;
}

std::uint64_t size_of(std::uint64_t type) {
  constexpr unsigned char small[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  return type < 12 ? small[type] : (type - 12) / 2;
}

std::int64_t signed_integer(ByteView bytes) {
  auto value = static_cast<std::uint64_t>(std::int64_t{static_cast<signed char>(bytes[0])});
  for (std::size_t i = 1; i < bytes.size(); ++i) value = (value << 8U) | bytes[i];
  return static_cast<std::int64_t>(value);
}

}  // namespace

int compare(const SqliteValue& a, const SqliteValue& b, Collation collation) {
  const int rank_a = rank(a.kind);
  const int rank_b = rank(b.kind);
  if (rank_a != rank_b) return rank_a - rank_b;
  switch (a.kind) {
    case Kind::null:
      return 0;
    case Kind::integer:
    case Kind::real:
      return compare_numbers(a, b);
    case Kind::text:
      return compare_text(a.bytes, b.bytes, collation);
    case Kind::blob:
      return compare_bytes(a.bytes, b.bytes);
  }
  return 0;
}

unsigned char* CanonicalRow::grow(std::size_t n) {
  if (buffer_.size() < used_ + n) buffer_.resize(2 * (used_ + n));
  unsigned char* const at = buffer_.data() + used_;
  used_ += n;
  return at;
}

void CanonicalRow::add(const SqliteValue& value) {
  unsigned char tag = 'n';
  std::uint64_t word = 0;
  switch (value.kind) {
    case Kind::null:
      break;
    case Kind::integer:
      tag = 'i';
      word = static_cast<std::uint64_t>(value.integer);
      break;
    case Kind::real:
      if (value.real >= -two_to_63 && value.real < two_to_63 &&
          std::trunc(value.real) == value.real) {
        tag = 'i';
        word = static_cast<std::uint64_t>(static_cast<std::int64_t>(value.real));
      } else {
        tag = 'r';
        word = std::bit_cast<std::uint64_t>(value.real);
      }
      break;
    case Kind::text:
    case Kind::blob:
      tag = value.kind == Kind::text ? 't' : 'b';
      word = value.bytes.size();
      break;
  }
  unsigned char* const at = grow(1 + sizeof word + value.bytes.size());
  at[0] = tag;
  std::memcpy(at + 1, &word, sizeof word);
  if (!value.bytes.empty())
    std::memcpy(at + 1 + sizeof word, value.bytes.data(), value.bytes.size());
}

bool SqliteRecord::view(std::uint64_t offset, std::uint64_t size, ByteView& bytes) {
  if (offset + size <= payload_.local_size) {
    bytes = {payload_.local + offset, static_cast<std::size_t>(size)};
    return true;
  }
  spilled_bytes_ += size;
  if (spilled_bytes_ > max_spilled) return false;
  std::vector<unsigned char>& copy = spilled_.emplace_back(static_cast<std::size_t>(size));
  bytes = copy;
  return pages_->copy(payload_, offset, copy);
}

bool SqliteRecord::parse(const Payload& payload) {
  payload_ = payload;
  fields_.clear();
  spilled_.clear();
  spilled_bytes_ = 0;
  std::uint64_t header_size = 0;
  const unsigned first =
      read_varint(payload.local, payload.local + payload.local_size, header_size);
  ByteView header;
  if (first == 0 || header_size < first || header_size > payload.size || header_size > max_header ||
      !view(0, header_size, header))
    return false;
  const unsigned char* at = header.data() + first;
  const unsigned char* const end = header.data() + header.size();
  std::uint64_t offset = header_size;
  while (at < end) {
    std::uint64_t type = 0;
    const unsigned n = read_varint(at, end, type);
    if (n == 0 || type > 0xffffffffU) return false;
    at += n;
    fields_.push_back({type, offset});
    offset += size_of(type);
  }
  return offset == payload.size;
}

bool SqliteRecord::value(std::size_t field, SqliteValue& value) {
  const auto [type, offset] = fields_[field];
  value = {};
  if (type == 0) return true;
  const std::uint64_t size = size_of(type);
  if (type >= 12) {
    value.kind = type % 2 == 0 ? Kind::blob : Kind::text;
    if (offset + size > payload_.local_size) return view(offset, size, value.bytes);
    value.bytes = {payload_.local + offset, static_cast<std::size_t>(size)};
    return true;
  }
  ByteView bytes;
  if (!view(offset, size, bytes)) return false;
  if (type == 7) {
    value.kind = Kind::real;
    value.real = std::bit_cast<double>(signed_integer(bytes));
    return !std::isnan(value.real);
  }
  value.kind = Kind::integer;
  if (type < 7) {
    value.integer = signed_integer(bytes);
  } else {
    value.integer = type == 9 ? 1 : 0;
  }
  return type < 10;
}

}  // namespace backproof
