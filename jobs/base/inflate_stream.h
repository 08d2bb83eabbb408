// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/inflate.h"

namespace backproof {

enum class StreamCodec { zlib, gzip, lz4, zstd };

// Content that stands compressed inside of something else, as a part that has a known codec and an
// end: the members of an archive. Proven whole like a container (inflate.h): end of stream and
// checksum; bytes behind the stream are an error (damaged), and so is content beyond the ratio that
// InflateLimits allows (hostile). One thread.
class StreamInflate final : public ByteSource {
 public:
  // `memory` is for windows (bytes); a stream that needs more is cause space.
  static Result<std::unique_ptr<StreamInflate>> create(StreamCodec codec, std::uintmax_t memory);
  ~StreamInflate() override;
  StreamInflate(const StreamInflate&) = delete;
  StreamInflate& operator=(const StreamInflate&) = delete;

  // A new part: all that `from` gives, which must live until the part was read. A part without a
  // single byte is empty content. May be called again, also after an error.
  void start(ByteSource& from);
  Result<std::size_t> read(std::span<unsigned char> into) override;

 private:
  struct State;
  explicit StreamInflate(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace backproof
