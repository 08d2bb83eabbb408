// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/inflate.h"

namespace backproof {

// The text of a dump, of which a part is in memory: from the first byte that is still needed to the
// last one that was read. Counts lines while it goes on. Memory is taken only as far as it is used.
class PlainWindow {
 public:
  // One statement in memory.
  static constexpr std::size_t longest_text = 64U << 20U;

  explicit PlainWindow(ByteSource& content);

  // Reads once; false when there was nothing more. Call with at most longest_text bytes of text.
  // Errors are those of the content.
  Result<bool> fill();
  // Up to a NUL byte, which no SQL text holds.
  std::string_view text() const { return {memory_.get() + begin_, end_ - begin_}; }
  void drop(std::size_t bytes);

  bool last() const { return last_; }  // behind text() there is nothing
  bool nul() const { return nul_; }    // behind text() there is a NUL byte
  bool line_begins() const { return line_begins_; }
  std::uint64_t line() const { return line_; }    // of the first byte of text(), from 1
  std::uint64_t line_at(std::size_t byte) const;  // of any byte of text()
  std::uintmax_t bytes() const { return read_; }  // so far
  std::uintmax_t dropped() const { return read_ - (end_ - begin_); }

 private:
  void make_room();

  ByteSource& content_;
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
  std::uintmax_t read_ = 0;
  std::uint64_t line_ = 1;
  bool line_begins_ = true;
  bool last_ = false, nul_ = false;
};

}  // namespace backproof
