// SPDX-License-Identifier: Apache-2.0
// zlib streams (RFC 1950): two bytes of header, a deflate stream, Adler-32. Nothing may follow.
#include <algorithm>

#include "base/inflate/deflate.h"

namespace backproof::inflate {
namespace {

constexpr unsigned deflate_method = 8, largest_window = 7, has_dictionary = 0x20;
constexpr std::size_t trailer_size = 4;

class Zlib final : public Decoder {
 public:
  std::string_view unit() const override { return "stream"; }

  Result<Member> begin(ByteView in) override {
    if (in.size() < 2) return cut_header();
    const unsigned method = in[0] & 0x0fU, window = in[0] >> 4U;
    if (method != deflate_method || window > largest_window || (in[0] * 256U + in[1]) % 31 != 0)
      return Error{Cause::damaged, "has no valid header", ""};
    if ((in[1] & has_dictionary) != 0) return needs_dictionary(0);
    body_.begin();
    in_trailer_ = false;
    sum_ = 1;
    stored_ = 0;
    have_ = 0;
    return Member{.header = 2, .checksummed = true};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    Step step;
    if (!in_trailer_) {
      TRY_ASSIGN(in_trailer_, body_.step(in, out, step));
      sum_ = isal_adler32(sum_, out.data(), step.given);
      if (!in_trailer_) return step;
      TRY(trailer(body_.behind()));
    }
    const ByteView rest = in.subspan(step.taken);
    const std::size_t n = std::min(rest.size(), trailer_size - have_);
    TRY(trailer(rest.first(n)));
    step.taken += n;
    step.ended = have_ == trailer_size;
    if (step.ended && stored_ != sum_)
      return Error{Cause::damaged, "has content that disagrees with its checksum", ""};
    return step;
  }

 private:
  Result<void> trailer(ByteView bytes) {
    if (bytes.size() > trailer_size - have_)
      return Error{Cause::damaged, "is followed by other bytes", ""};
    for (const unsigned char byte : bytes) stored_ = stored_ << 8U | byte;
    have_ += bytes.size();
    return {};
  }

  Deflate body_;
  bool in_trailer_ = false;
  std::uint32_t sum_ = 1, stored_ = 0;
  std::size_t have_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> zlib_decoder() {
  return std::make_unique<Zlib>();
}

}  // namespace backproof::inflate
