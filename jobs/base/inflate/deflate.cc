// SPDX-License-Identifier: Apache-2.0
#include "base/inflate/deflate.h"

namespace backproof::inflate {
namespace {

std::string_view meaning(int code) {
  switch (code) {
    case ISAL_INVALID_BLOCK:
      return "has an invalid deflate block";
    case ISAL_INVALID_SYMBOL:
      return "has an invalid deflate symbol";
    case ISAL_INVALID_LOOKBACK:
      return "refers to content before its start";
    default:
      return "is no valid deflate stream";
  }
}

}  // namespace

void Deflate::begin() {
  isal_inflate_reset(&state_);
  state_.crc_flag = ISAL_DEFLATE;
  behind_have_ = 0;
}

Result<bool> Deflate::step(ByteView in, std::span<unsigned char> out, Step& step) {
  state_.next_in = const_cast<unsigned char*>(in.data());  // ISA-L only reads it
  state_.avail_in = static_cast<std::uint32_t>(in.size());
  state_.next_out = out.data();
  state_.avail_out = static_cast<std::uint32_t>(out.size());
  const int code = isal_inflate(&state_);
  if (code < 0) return Error{Cause::damaged, std::string(meaning(code)), ""};
  step.taken += in.size() - state_.avail_in;
  step.given += out.size() - state_.avail_out;
  if (state_.block_state != ISAL_BLOCK_FINISH) return false;
  // Whole bytes that ISA-L took into its bit buffer belong to what follows.
  const auto bits = static_cast<unsigned>(state_.read_in_length);
  std::uint64_t buffered = state_.read_in >> (bits % 8);
  for (unsigned i = 0; i < bits / 8; ++i, buffered >>= 8U)
    behind_[behind_have_++] = static_cast<unsigned char>(buffered);
  return true;
}

}  // namespace backproof::inflate
