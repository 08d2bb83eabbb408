// SPDX-License-Identifier: Apache-2.0
#include "unit/base_inflate_streams.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <sys/mman.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>

namespace backproof::test {
namespace {

unsigned char* bytes_of(std::string& s) {
  return reinterpret_cast<unsigned char*>(s.data());
}
const unsigned char* bytes_of(std::string_view s) {
  return as_bytes(s).data();
}

}  // namespace

std::string gzip_of(std::string_view content, const GzipShape& shape) {
  z_stream z{};
  REQUIRE(deflateInit2(&z, shape.level, Z_DEFLATED, 15 + 16, shape.memory, shape.strategy) == Z_OK);
  std::string name = "northwind.db", comment = "a comment", extra(300, 'x');
  gz_header header{};
  header.name = bytes_of(name);
  header.comment = bytes_of(comment);
  header.extra = bytes_of(extra);
  header.extra_len = static_cast<uInt>(extra.size());
  header.hcrc = 1;
  if (shape.full_header) deflateSetHeader(&z, &header);
  std::string out(deflateBound(&z, content.size()) + 1024, '\0');
  z.next_in = const_cast<unsigned char*>(bytes_of(content));
  z.avail_in = static_cast<uInt>(content.size());
  z.next_out = bytes_of(out);
  z.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - z.avail_out);
  deflateEnd(&z);
  return out;
}

std::optional<std::string> gunzip_by_zlib(std::string_view bytes) {
  z_stream z{};
  REQUIRE(inflateInit2(&z, 15 + 16) == Z_OK);
  z.next_in = const_cast<unsigned char*>(bytes_of(bytes));
  z.avail_in = static_cast<uInt>(bytes.size());
  std::string content;
  std::string part(1U << 16U, '\0');
  int code = Z_OK;
  while (code == Z_OK) {
    z.next_out = bytes_of(part);
    z.avail_out = static_cast<uInt>(part.size());
    code = inflate(&z, Z_NO_FLUSH);
    content.append(part, 0, part.size() - z.avail_out);
  }
  inflateEnd(&z);
  if (code != Z_STREAM_END) return std::nullopt;
  return content;
}

std::string zstd_of(std::string_view content, bool checksum, int window_log) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0);
  if (window_log > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  std::string out(ZSTD_compressBound(content.size()) + 64, '\0');
  ZSTD_inBuffer from{content.data(), content.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // As a stream of unknown length: the frame then has a window of its own.
  ZSTD_compressStream2(context, &to, &from, ZSTD_e_continue);
  REQUIRE(ZSTD_compressStream2(context, &to, &from, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

std::string xz_of(std::string_view content, int lzma_check_id, std::uint32_t dictionary) {
  lzma_options_lzma options{};
  REQUIRE_FALSE(lzma_lzma_preset(&options, 1));
  options.dict_size = dictionary;
  std::array<lzma_filter, 2> filters{{{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}}};
  std::string out(lzma_stream_buffer_bound(content.size()), '\0');
  std::size_t size = 0;
  REQUIRE(lzma_stream_buffer_encode(filters.data(), static_cast<lzma_check>(lzma_check_id), nullptr,
                                    bytes_of(content), content.size(), bytes_of(out), &size,
                                    out.size()) == LZMA_OK);
  out.resize(size);
  return out;
}

std::string xz_of(std::string_view content) {
  return xz_of(content, LZMA_CHECK_CRC64);
}

std::string bzip2_of(std::string_view content) {
  std::string out(content.size() + content.size() / 50 + 700, '\0');
  auto size = static_cast<unsigned>(out.size());
  std::string in(content);
  REQUIRE(BZ2_bzBuffToBuffCompress(out.data(), &size, in.data(), static_cast<unsigned>(in.size()),
                                   1, 0, 0) == BZ_OK);
  out.resize(size);
  return out;
}

std::string lz4_of(std::string_view content, Lz4Shape shape) {
  LZ4F_preferences_t wishes{};
  wishes.frameInfo.contentChecksumFlag =
      shape.content_checksum ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
  wishes.frameInfo.blockChecksumFlag =
      shape.block_checksums ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
  std::string out(LZ4F_compressFrameBound(content.size(), &wishes), '\0');
  const std::size_t size =
      LZ4F_compressFrame(out.data(), out.size(), content.data(), content.size(), &wishes);
  REQUIRE(LZ4F_isError(size) == 0);
  out.resize(size);
  return out;
}

std::string skippable_of(std::string_view data) {
  std::string out("\x53\x2a\x4d\x18", 4);
  for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(data.size() >> shift);
  return out + std::string(data);
}

std::vector<Maker> makers() {
  return {{Compression::gzip, [](std::string_view s) { return gzip_of(s); }},
          {Compression::zstd, [](std::string_view s) { return zstd_of(s); }},
          {Compression::xz, [](std::string_view s) { return xz_of(s); }},
          {Compression::bzip2, bzip2_of},
          {Compression::lz4, [](std::string_view s) { return lz4_of(s); }}};
}

std::string content_of(Random& random, std::size_t bytes) {
  std::string s;
  s.reserve(bytes + 1024);
  while (s.size() < bytes) {
    const std::size_t n = 1 + random.below(600);
    switch (random.below(4)) {
      case 0:
        s += random.bytes(n);
        break;
      case 1:
        s.append(n, static_cast<char>(random.next()));
        break;
      case 2:
        s += "INSERT INTO orders VALUES(" + std::to_string(random.below(1000)) + ");\n";
        break;
      default:
        if (!s.empty()) s += std::string(s, random.below(s.size()), n);
    }
  }
  s.resize(bytes);
  return s;
}

bool Answer::whole() const {
  return !error &&
         std::all_of(layers.begin(), layers.end(), [](const Layer& layer) { return layer.whole; });
}

Fd file_of(std::string_view bytes) {
  Fd fd(memfd_create("backproof-test", MFD_CLOEXEC));
  REQUIRE(fd);
  REQUIRE(write_all(fd.get(), as_bytes(bytes)));
  return fd;
}

Answer inflated(std::string_view bytes, const InflateLimits& limits, std::size_t chunk) {
  const Fd fd = file_of(bytes);
  auto opened = Inflate::open(fd.get(), limits);
  REQUIRE(opened);
  Inflate& source = **opened;
  Answer answer;
  answer.head = as_text(source.head());
  std::vector<unsigned char> part(chunk);
  auto n = source.read(part);
  for (; n && *n > 0; n = source.read(part)) answer.content += as_text(ByteView(part).first(*n));
  if (!n) answer.error = n.error();
  const auto again = source.read(part);
  REQUIRE(again.has_value() == n.has_value());
  if (again)
    REQUIRE(*again == 0);
  else
    REQUIRE(again.error().text == n.error().text);
  answer.layers = source.layers();
  const auto sha256 = source.sha256();
  REQUIRE(sha256);
  answer.sha256 = *sha256;
  answer.bytes_read = source.bytes_read();
  REQUIRE(answer.bytes_read == bytes.size());
  return answer;
}

}  // namespace backproof::test
