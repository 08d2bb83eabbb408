// SPDX-License-Identifier: Apache-2.0
// zstd (RFC 8878) by libzstd. The header is read here as well, because the library tells neither
// how large a window it would need nor whether a checksum was there. A wrong checksum ends the
// reading: the library then does not say where the frame ended.
#include <zstd.h>
#include <zstd_errors.h>

#include <array>

#include "base/inflate/decoder.h"

namespace backproof::inflate {
namespace {

struct Header {
  bool checksummed = false;
  std::uint64_t dictionary = 0;
  std::uint64_t window = 0;  // bytes
};

// RFC 8878, 3.1.1.1; at most 18 bytes.
Result<Header> header_of(ByteView in) {
  constexpr std::array<std::size_t, 4> dictionary_sizes{0, 1, 2, 4};
  if (in.size() < 5) return cut_header();
  const unsigned descriptor = in[4];
  const bool single_segment = (descriptor & 0x20U) != 0;
  const std::size_t dictionary_size = dictionary_sizes[descriptor & 3U];
  std::size_t content_size = std::size_t{1} << (descriptor >> 6U);
  if (content_size == 1 && !single_segment) content_size = 0;
  const std::size_t window_size = single_segment ? 0 : 1;
  in = in.subspan(5);
  if (in.size() < window_size + dictionary_size + content_size) return cut_header();
  Header header;
  header.checksummed = (descriptor & 4U) != 0;
  header.dictionary = little_endian(in.subspan(window_size), dictionary_size);
  if (single_segment) {
    header.window = little_endian(in.subspan(dictionary_size), content_size);
    if (content_size == 2) header.window += 256;
  } else {
    const std::uint64_t base = std::uint64_t{1} << (10U + (in[0] >> 3U));
    header.window = base + base / 8 * (in[0] & 7U);
  }
  return header;
}

class Zstd final : public Decoder {
 public:
  Zstd(ZSTD_DCtx* context, WindowBudget& budget) : context_(context), share_(budget) {
    // Our own limit is the one that counts.
    const ZSTD_bounds bounds = ZSTD_dParam_getBounds(ZSTD_d_windowLogMax);
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, bounds.upperBound);
  }

  std::string_view unit() const override { return "frame"; }

  Result<Member> begin(ByteView in) override {
    TRY_ASSIGN(const Header header, header_of(in));
    if (header.dictionary != 0) return needs_dictionary(header.dictionary);
    if (!share_.need(header.window))
      return share_.refusal("a window of ", header.window,
                            "compress with a smaller window (zstd without --long or --ultra), and "
                            "once");
    ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
    return Member{.header = 0, .checksummed = header.checksummed};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &to, &from);
    if (ZSTD_isError(left) == 0)
      return Step{.taken = from.pos, .given = to.pos, .ended = left == 0, .trailer = {}};
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(left);
    if (code == ZSTD_error_memory_allocation) return out_of_memory();
    if (code == ZSTD_error_checksum_wrong)
      return Error{Cause::damaged, "has content that disagrees with its checksum", ""};
    return Error{Cause::damaged,
                 std::string("is no valid zstd data (") + ZSTD_getErrorString(code) + ")", ""};
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* p) const { ZSTD_freeDCtx(p); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  WindowShare share_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> zstd_decoder(WindowBudget& budget) {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  if (context == nullptr) return out_of_memory();
  return std::make_unique<Zstd>(context, budget);
}

}  // namespace backproof::inflate
