// SPDX-License-Identifier: Apache-2.0
// lz4 frames (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md) by liblz4. A wrong
// checksum ends the reading: the library then does not say where the frame ended. The window is
// 64 KiB and a block at most 4 MiB, so that memory needs no limit. The legacy format (magic
// 0x184C2102) has neither an end nor a checksum and is not taken for lz4.
#include <lz4frame.h>

#include "base/inflate/decoder.h"

namespace backproof::inflate {
namespace {

constexpr unsigned has_dictionary = 1, has_content_checksum = 4, has_block_checksums = 16;

// Two blocks of the largest size, and the 64 KiB before them: what the library allocates.
constexpr std::uintmax_t most_memory = (8U << 20U) + (256U << 10U);

class Lz4 final : public Decoder {
 public:
  Lz4(LZ4F_dctx* context, WindowBudget& budget) : context_(context), share_(budget) {}

  std::string_view unit() const override { return "frame"; }

  Result<Member> begin(ByteView in) override {
    if (in.size() < 7) return cut_header();  // the shortest header there is
    const unsigned flags = in[4];
    if ((flags & has_dictionary) != 0) return needs_dictionary(0);
    if (!share_.need(most_memory))
      return share_.refusal("", most_memory, "unpack the outer layers first");
    LZ4F_resetDecompressionContext(context_.get());
    return Member{.header = 0,
                  .checksummed = (flags & (has_content_checksum | has_block_checksums)) != 0};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    std::size_t taken = in.size(), given = out.size();
    const std::size_t left =
        LZ4F_decompress(context_.get(), out.data(), &given, in.data(), &taken, nullptr);
    if (LZ4F_isError(left) != 0)
      return Error{Cause::damaged,
                   std::string("is no valid lz4 data (") + LZ4F_getErrorName(left) + ")", ""};
    return Step{.taken = taken, .given = given, .ended = left == 0, .trailer = {}};
  }

 private:
  struct Free {
    void operator()(LZ4F_dctx* p) const { LZ4F_freeDecompressionContext(p); }
  };
  std::unique_ptr<LZ4F_dctx, Free> context_;
  WindowShare share_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> lz4_decoder(WindowBudget& budget) {
  LZ4F_dctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0)
    return out_of_memory();
  return std::make_unique<Lz4>(context, budget);
}

}  // namespace backproof::inflate
