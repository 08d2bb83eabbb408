// SPDX-License-Identifier: Apache-2.0
// xz (https://tukaani.org/xz/xz-file-format.txt) by liblzma, one stream at a time. Blocks carry
// the checksums, and index and footer come behind them; liblzma does not say which of them was
// wrong, so that every disagreement ends the reading.
#include <lzma.h>

#include <algorithm>
#include <tuple>

#include "base/inflate/decoder.h"

namespace backproof::inflate {
namespace {

constexpr std::size_t stream_header = 12;

class Xz final : public Decoder {
 public:
  explicit Xz(WindowBudget& budget) : share_(budget) {}
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;
  ~Xz() override { lzma_end(&stream_); }

  std::string_view unit() const override { return "stream"; }
  bool padded() const override { return true; }

  Result<Member> begin(ByteView in) override {
    if (in.size() < stream_header) return cut_header();
    const auto check = static_cast<lzma_check>(in[7] & 15U);
    if (lzma_stream_decoder(&stream_, share_.limit(), 0) != LZMA_OK) return out_of_memory();
    // A check that this liblzma does not know is read over and proves nothing.
    return Member{.header = 0,
                  .checksummed = check != LZMA_CHECK_NONE && lzma_check_is_supported(check) != 0};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    stream_.next_in = in.data();
    stream_.avail_in = in.size();
    stream_.next_out = out.data();
    stream_.avail_out = out.size();
    // The other layers may have taken memory since the last block began. A limit below what is in
    // use already is refused, and then nothing more is needed.
    std::ignore = lzma_memlimit_set(&stream_, std::max<std::uintmax_t>(share_.limit(), 1));
    const lzma_ret code = lzma_code(&stream_, LZMA_RUN);
    if (code != LZMA_MEMLIMIT_ERROR) std::ignore = share_.need(lzma_memusage(&stream_));
    if (code != LZMA_OK && code != LZMA_STREAM_END && code != LZMA_BUF_ERROR) return error(code);
    return Step{.taken = in.size() - stream_.avail_in,
                .given = out.size() - stream_.avail_out,
                .ended = code == LZMA_STREAM_END,
                .trailer = {}};
  }

 private:
  Error error(lzma_ret code) const {
    if (code == LZMA_MEM_ERROR) return out_of_memory();
    if (code == LZMA_MEMLIMIT_ERROR)
      return share_.refusal("", lzma_memusage(&stream_),
                            "compress with a smaller dictionary (xz -9 or below), and once");
    if (code == LZMA_OPTIONS_ERROR)
      return {Cause::damaged, "asks for a filter or an option that liblzma does not have", ""};
    return {Cause::damaged, "is damaged, or disagrees with a checksum", ""};
  }

  WindowShare share_;
  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Decoder> xz_decoder(WindowBudget& budget) {
  return std::make_unique<Xz>(budget);
}

}  // namespace backproof::inflate
