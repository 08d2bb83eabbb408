// SPDX-License-Identifier: Apache-2.0
// bzip2 by libbz2, one stream at a time. Every block carries a CRC, and the stream one over them:
// any disagreement ends the reading.
#include <bzlib.h>

#include "base/inflate/decoder.h"

namespace backproof::inflate {
namespace {

// What a decoder needs at most, by the library's manual: 100 kB + 4 x block of 900 kB.
constexpr std::uintmax_t most_memory = 4U << 20U;

class Bzip2 final : public Decoder {
 public:
  explicit Bzip2(WindowBudget& budget) : share_(budget) {}
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;
  ~Bzip2() override { BZ2_bzDecompressEnd(&stream_); }

  std::string_view unit() const override { return "stream"; }

  Result<Member> begin(ByteView) override {
    if (!share_.need(most_memory))
      return share_.refusal("", most_memory, "unpack the outer layers first");
    BZ2_bzDecompressEnd(&stream_);
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) return out_of_memory();
    return Member{};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    // libbz2 only reads its input, but says so nowhere.
    stream_.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    stream_.avail_out = static_cast<unsigned>(out.size());
    const int code = BZ2_bzDecompress(&stream_);
    if (code == BZ_MEM_ERROR) return out_of_memory();
    if (code != BZ_OK && code != BZ_STREAM_END)
      return Error{Cause::damaged, "is damaged, or disagrees with a checksum", ""};
    return Step{.taken = in.size() - stream_.avail_in,
                .given = out.size() - stream_.avail_out,
                .ended = code == BZ_STREAM_END,
                .trailer = {}};
  }

 private:
  WindowShare share_;
  bz_stream stream_{};
};

}  // namespace

std::unique_ptr<Decoder> bzip2_decoder(WindowBudget& budget) {
  return std::make_unique<Bzip2>(budget);
}

}  // namespace backproof::inflate
