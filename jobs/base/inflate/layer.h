// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/inflate/decoder.h"

namespace backproof::inflate {

// How much a layer may give before it is an error. Nothing beyond the lower limit is given.
struct OutputLimits {
  std::uintmax_t budget = UINTMAX_MAX;  // bytes; more is cause space
  std::uintmax_t bomb = UINTMAX_MAX;    // bytes; more is cause hostile
};

// One layer of compression over another source: its members one after the other, then what
// follows the last of them, to the end of that source.
class LayerSource final : public ByteSource {
 public:
  // `from` must outlive the object and start with the codec's magic. A request on `stop` ends the
  // reading at the next chance (cause cancelled).
  LayerSource(Compression compression, std::unique_ptr<Decoder> decoder, ByteSource& from,
              OutputLimits limits, std::stop_token stop);

  Result<std::size_t> read(std::span<unsigned char> into) override;
  // Gives back what decoding takes; nothing can be read afterwards.
  void close();
  // What was found out so far; from any thread.
  Layer layer() const;

 private:
  enum class State { border, skipping, inside, trailing, done };

  Result<std::size_t> next(std::span<unsigned char> into);
  Result<void> refill();
  Result<void> cross_border();
  Result<std::size_t> decode(std::span<unsigned char> into);
  Result<void> skip();
  Result<void> read_trailing();
  Result<void> within_limits() const;
  ByteView input() const { return {buffer_.get() + at_, filled_ - at_}; }
  void take(std::size_t n);
  Error in_member(const Error& error) const;

  std::unique_ptr<Decoder> decoder_;
  ByteSource& from_;
  const OutputLimits limits_;
  const std::stop_token stop_;

  // The part of `from_` that is being decoded: [at_, filled_).
  std::unique_ptr<unsigned char[]> buffer_;
  std::size_t at_ = 0, filled_ = 0;
  bool at_end_ = false;  // `from_` has no more

  State state_ = State::border;
  std::uint64_t skip_left_ = 0;
  std::optional<Error> failed_;
  Layer now_;  // the reading thread's own

  mutable std::mutex mutex_;
  Layer shown_;  // guarded by mutex_
};

}  // namespace backproof::inflate
