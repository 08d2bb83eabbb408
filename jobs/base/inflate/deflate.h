// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <isa-l/igzip_lib.h>

#include <array>

#include "base/inflate/decoder.h"

namespace backproof::inflate {

// The deflate stream (RFC 1951) inside of gzip and zlib, by ISA-L. What is around it, checksums
// included, belongs to the caller.
class Deflate {
 public:
  void begin();
  // Goes on; adds to `step`. True at the stream's end.
  Result<bool> step(ByteView in, std::span<unsigned char> out, Step& step);
  // At the end: the bytes behind the stream that were taken with it, at most 8.
  ByteView behind() const { return {behind_.data(), behind_have_}; }

 private:
  inflate_state state_{};
  std::array<unsigned char, 8> behind_{};
  std::size_t behind_have_ = 0;
};

}  // namespace backproof::inflate
