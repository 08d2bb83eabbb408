// SPDX-License-Identifier: Apache-2.0
#include "engines/pg/archive_input.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace backproof {
namespace {

constexpr std::size_t buffer_bytes = 256U << 10U;

}  // namespace

ArchiveInput::ArchiveInput(ByteSource& from)
    : from_(from), buffer_(std::make_unique_for_overwrite<unsigned char[]>(buffer_bytes)) {}

// Only when all was taken.
Result<void> ArchiveInput::refill() {
  taken_ += filled_;
  at_ = filled_ = 0;
  TRY_ASSIGN(filled_, from_.read(std::span(buffer_.get(), buffer_bytes)));
  return {};
}

Error ArchiveInput::cut() const {
  return {Cause::truncated, "the archive ends after " + std::to_string(offset()) + " bytes",
          "an upload or a disk that ran full can do this; take the backup again"};
}

Result<std::size_t> ArchiveInput::read(std::span<unsigned char> into) {
  if (at_ == filled_) TRY(refill());
  const std::size_t n = std::min(into.size(), filled_ - at_);
  std::memcpy(into.data(), buffer_.get() + at_, n);
  at_ += n;
  return n;
}

Result<ByteView> ArchiveInput::peek(std::size_t bytes) {
  std::memmove(buffer_.get(), buffer_.get() + at_, filled_ - at_);
  taken_ += at_;
  filled_ -= std::exchange(at_, 0);
  while (filled_ < bytes) {
    TRY_ASSIGN(const std::size_t n,
               from_.read(std::span(buffer_.get(), buffer_bytes).subspan(filled_)));
    if (n == 0) break;
    filled_ += n;
  }
  return ByteView(buffer_.get(), std::min(filled_, bytes));
}

Result<void> ArchiveInput::skip(std::uint64_t bytes) {
  while (bytes > 0) {
    if (at_ == filled_) TRY(refill());
    if (filled_ == 0) return cut();
    const std::size_t n = std::min<std::uint64_t>(bytes, filled_ - at_);
    at_ += n;
    bytes -= n;
  }
  return {};
}

Result<bool> ArchiveInput::at_end() {
  if (at_ == filled_) TRY(refill());
  return filled_ == 0;
}

Result<unsigned char> ArchiveInput::byte() {
  if (at_ == filled_) TRY(refill());
  if (filled_ == 0) return cut();
  return buffer_[at_++];
}

Result<std::uint64_t> ArchiveInput::magnitude(unsigned bytes) {
  std::uint64_t value = 0;
  if (bytes <= 8 && filled_ - at_ >= bytes) {
    for (unsigned i = bytes; i > 0; --i) value = value << 8U | buffer_[at_ + i - 1];
    at_ += bytes;
    return value;
  }
  for (unsigned i = 0; i < bytes; ++i) {
    TRY_ASSIGN(const unsigned char next, byte());
    if (i < 8)
      value |= std::uint64_t{next} << 8 * i;
    else if (next != 0)
      return Error{Cause::damaged, "a number of more than 64 bits", ""};
  }
  return value;
}

Result<std::int64_t> ArchiveInput::integer() {
  TRY_ASSIGN(const unsigned char sign, byte());
  if (sign > 1)
    return Error{Cause::damaged, "a number with sign " + std::to_string(sign) + ", not 0 or 1", ""};
  TRY_ASSIGN(const std::uint64_t value, magnitude(int_size_));
  constexpr std::uint64_t most = std::uint64_t{1} << 31U;
  if (value > most || (value == most && sign == 0))
    return Error{Cause::damaged, "a number of more than 32 bits", ""};
  const auto number = static_cast<std::int64_t>(value);
  return sign == 1 ? -number : number;
}

}  // namespace backproof
