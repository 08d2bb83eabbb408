// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "base/inflate/decoder.h"

namespace backproof {
namespace {

using inflate::Start;

// `mask` says which bits of a byte count.
struct Magic {
  Compression compression;
  std::size_t size;
  std::array<unsigned char, 6> bytes;
  std::array<unsigned char, 6> mask;
};

// bzip2's three letters alone are likely text: the start of the first block (0x314159265359) or
// of the end (0x177245385090) must follow the block size.
constexpr std::array<Magic, 6> magics{{
    {Compression::gzip, 2, {0x1f, 0x8b}, {0xff, 0xff}},
    {Compression::zstd, 4, {0x28, 0xb5, 0x2f, 0xfd}, {0xff, 0xff, 0xff, 0xff}},
    {Compression::xz, 6, {0xfd, '7', 'z', 'X', 'Z', 0x00}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
    {Compression::bzip2,
     6,
     {'B', 'Z', 'h', 0x30, 0x31, 0x41},
     {0xff, 0xff, 0xff, 0xf0, 0xff, 0xff}},
    {Compression::bzip2,
     6,
     {'B', 'Z', 'h', 0x30, 0x17, 0x72},
     {0xff, 0xff, 0xff, 0xf0, 0xff, 0xff}},
    {Compression::lz4, 4, {0x04, 0x22, 0x4d, 0x18}, {0xff, 0xff, 0xff, 0xff}},
}};

constexpr Magic skippable{Compression::none, 4, {0x50, 0x2a, 0x4d, 0x18}, {0xf0, 0xff, 0xff, 0xff}};

Start match(const Magic& magic, ByteView in) {
  const std::size_t n = std::min(magic.size, in.size());
  if (n == 0) return Start::no;
  for (std::size_t i = 0; i < n; ++i)
    if ((in[i] & magic.mask[i]) != magic.bytes[i]) return Start::no;
  return n == magic.size ? Start::yes : Start::cut;
}

}  // namespace

std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::none:
      return "none";
    case Compression::gzip:
      return "gzip";
    case Compression::zstd:
      return "zstd";
    case Compression::xz:
      return "xz";
    case Compression::bzip2:
      return "bzip2";
    case Compression::lz4:
      return "lz4";
  }
  return "none";
}

Compression compression_of(ByteView head) {
  // zstd and lz4 share skippable frames, and tools put them first: the frame behind them decides.
  // Where the head holds none it is zstd's, whose tools do so.
  const bool skips = inflate::skippable_start(head) == Start::yes;
  while (inflate::skippable_start(head) == Start::yes && head.size() >= 8) {
    const std::uint64_t size = inflate::little_endian(head.subspan(4), 4);
    head = head.subspan(8 + std::min<std::uint64_t>(size, head.size() - 8));
  }
  for (const Magic& magic : magics) {
    const bool frames =
        magic.compression == Compression::zstd || magic.compression == Compression::lz4;
    if (match(magic, head) == Start::yes && (frames || !skips)) return magic.compression;
  }
  return skips ? Compression::zstd : Compression::none;
}

namespace inflate {

Start start_of(Compression compression, ByteView in) {
  Start best = Start::no;
  for (const Magic& magic : magics)
    if (magic.compression == compression) best = std::max(best, match(magic, in));
  if (compression == Compression::zstd || compression == Compression::lz4)
    best = std::max(best, skippable_start(in));
  return best;
}

Start skippable_start(ByteView in) {
  return match(skippable, in);
}

Error needs_dictionary(std::uint64_t id) {
  const std::string which = id == 0 ? "a dictionary" : "dictionary " + std::to_string(id);
  return {Cause::missing_tool, "needs " + which + ", which is not part of the file",
          "compress backups without a dictionary, so that one file is enough to restore"};
}

Error WindowShare::refusal(std::string_view what, std::uintmax_t bytes, std::string hint) const {
  const std::uintmax_t others = budget_.limit() - limit();
  return {Cause::space,
          "needs " + std::string(what) + std::to_string(bytes) + " bytes, the limit is " +
              std::to_string(budget_.limit()) +
              (others > 0 ? ", of which other layers hold " + std::to_string(others) : ""),
          std::move(hint)};
}

Result<std::unique_ptr<Decoder>> make_decoder(Compression compression, WindowBudget& budget) {
  switch (compression) {
    case Compression::none:
      break;
    case Compression::gzip:
      return gzip_decoder();
    case Compression::zstd:
      return zstd_decoder(budget);
    case Compression::xz:
      return xz_decoder(budget);
    case Compression::bzip2:
      return bzip2_decoder(budget);
    case Compression::lz4:
      return lz4_decoder(budget);
  }
  return Error{Cause::internal, "no decoder for bare bytes", ""};
}

}  // namespace inflate
}  // namespace backproof
