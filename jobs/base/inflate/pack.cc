// SPDX-License-Identifier: Apache-2.0
#include "base/pack.h"

#include <bzlib.h>
#include <isa-l/igzip_lib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

namespace backproof {
namespace {

constexpr std::size_t piece_bytes = 256U << 10U;

Error failed(std::string_view tool) {
  return {Cause::space, "cannot compress with " + std::string(tool), ""};
}

// What the libraries have in common: bytes in, bytes out, in pieces that they choose.
class Packer : public ByteSink {
 public:
  explicit Packer(ByteSink& into) : into_(into), buffer_(piece_bytes) {}

  Result<void> write(ByteView bytes) override {
    while (!bytes.empty()) {
      const ByteView part = bytes.first(std::min(bytes.size(), piece_bytes));
      TRY(pack(part, false));
      bytes = bytes.subspan(part.size());
    }
    return {};
  }
  Result<void> finish() override { return pack({}, true); }

 protected:
  // All of `bytes`, and with `last` the end of the stream.
  virtual Result<void> pack(ByteView bytes, bool last) = 0;
  Result<void> give(std::size_t n) { return into_.write(ByteView(buffer_).first(n)); }
  std::vector<unsigned char>& buffer() { return buffer_; }

 private:
  ByteSink& into_;
  std::vector<unsigned char> buffer_;
};

class Deflate final : public Packer {
 public:
  Deflate(ByteSink& into, std::uint16_t wrapping)
      : Packer(into), levels_(ISAL_DEF_LVL1_DEFAULT), stream_(std::make_unique<isal_zstream>()) {
    isal_deflate_init(stream_.get());
    stream_->gzip_flag = wrapping;
    stream_->level = 1;
    stream_->level_buf = levels_.data();
    stream_->level_buf_size = static_cast<std::uint32_t>(levels_.size());
  }

 private:
  Result<void> pack(ByteView bytes, bool last) override {
    stream_->next_in = const_cast<unsigned char*>(bytes.data());
    stream_->avail_in = static_cast<std::uint32_t>(bytes.size());
    stream_->end_of_stream = last ? 1 : 0;
    do {
      stream_->next_out = buffer().data();
      stream_->avail_out = piece_bytes;
      if (isal_deflate(stream_.get()) != COMP_OK) return failed("deflate");
      TRY(give(piece_bytes - stream_->avail_out));
    } while (stream_->avail_out == 0 || stream_->avail_in > 0 ||
             (last && stream_->internal_state.state != ZSTATE_END));
    return {};
  }
  std::vector<unsigned char> levels_;
  std::unique_ptr<isal_zstream> stream_;
};

class Zstd final : public Packer {
 public:
  explicit Zstd(ByteSink& into) : Packer(into), context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

 private:
  Result<void> pack(ByteView bytes, bool last) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size || (last && left > 0)) {
      ZSTD_outBuffer out{buffer().data(), piece_bytes, 0};
      left = ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
      if (ZSTD_isError(left) != 0) return failed("zstd");
      TRY(give(out.pos));
    }
    return {};
  }
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context_;
};

class Xz final : public Packer {
 public:
  explicit Xz(ByteSink& into) : Packer(into) {
    ready_ = lzma_easy_encoder(&stream_, 1, LZMA_CHECK_CRC64) == LZMA_OK;
  }
  ~Xz() override { lzma_end(&stream_); }
  Xz(const Xz&) = delete;
  Xz& operator=(const Xz&) = delete;

 private:
  Result<void> pack(ByteView bytes, bool last) override {
    if (!ready_) return failed("xz");
    stream_.next_in = bytes.data();
    stream_.avail_in = bytes.size();
    lzma_ret state = LZMA_OK;
    while (stream_.avail_in > 0 || (last && state != LZMA_STREAM_END)) {
      stream_.next_out = buffer().data();
      stream_.avail_out = piece_bytes;
      state = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
      if (state != LZMA_OK && state != LZMA_STREAM_END) return failed("xz");
      TRY(give(piece_bytes - stream_.avail_out));
    }
    return {};
  }
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ready_ = false;
};

class Bzip2 final : public Packer {
 public:
  explicit Bzip2(ByteSink& into) : Packer(into) {
    ready_ = BZ2_bzCompressInit(&stream_, 1, 0, 0) == BZ_OK;
  }
  ~Bzip2() override { BZ2_bzCompressEnd(&stream_); }
  Bzip2(const Bzip2&) = delete;
  Bzip2& operator=(const Bzip2&) = delete;

 private:
  Result<void> pack(ByteView bytes, bool last) override {
    if (!ready_) return failed("bzip2");
    stream_.next_in = reinterpret_cast<char*>(const_cast<unsigned char*>(bytes.data()));
    stream_.avail_in = static_cast<unsigned>(bytes.size());
    int state = BZ_RUN_OK;
    while (stream_.avail_in > 0 || (last && state != BZ_STREAM_END)) {
      stream_.next_out = reinterpret_cast<char*>(buffer().data());
      stream_.avail_out = piece_bytes;
      state = BZ2_bzCompress(&stream_, last ? BZ_FINISH : BZ_RUN);
      if (state < 0) return failed("bzip2");
      TRY(give(piece_bytes - stream_.avail_out));
    }
    return {};
  }
  bz_stream stream_{};
  bool ready_ = false;
};

class Lz4 final : public Packer {
 public:
  explicit Lz4(ByteSink& into) : Packer(into) {
    preferences_.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    ready_ = LZ4F_isError(LZ4F_createCompressionContext(&context_, LZ4F_VERSION)) == 0;
    buffer().resize(LZ4F_compressBound(piece_bytes, &preferences_) + LZ4F_HEADER_SIZE_MAX);
  }
  ~Lz4() override { LZ4F_freeCompressionContext(context_); }
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;

 private:
  Result<void> pack(ByteView bytes, bool last) override {
    if (!ready_) return failed("lz4");
    if (!begun_) {
      TRY(give_if(LZ4F_compressBegin(context_, buffer().data(), buffer().size(), &preferences_)));
      begun_ = true;
    }
    if (!bytes.empty())
      TRY(give_if(LZ4F_compressUpdate(context_, buffer().data(), buffer().size(), bytes.data(),
                                      bytes.size(), nullptr)));
    if (!last) return {};
    return give_if(LZ4F_compressEnd(context_, buffer().data(), buffer().size(), nullptr));
  }
  Result<void> give_if(std::size_t n) { return LZ4F_isError(n) != 0 ? failed("lz4") : give(n); }

  LZ4F_preferences_t preferences_{};
  LZ4F_cctx* context_ = nullptr;
  bool ready_ = false, begun_ = false;
};

class Bare final : public ByteSink {
 public:
  explicit Bare(ByteSink& into) : into_(into) {}
  Result<void> write(ByteView bytes) override { return into_.write(bytes); }

 private:
  ByteSink& into_;
};

}  // namespace

std::unique_ptr<ByteSink> packer(Compression compression, ByteSink& into) {
  switch (compression) {
    case Compression::none:
      return std::make_unique<Bare>(into);
    case Compression::gzip:
      return std::make_unique<Deflate>(into, IGZIP_GZIP);
    case Compression::zstd:
      return std::make_unique<Zstd>(into);
    case Compression::xz:
      return std::make_unique<Xz>(into);
    case Compression::bzip2:
      return std::make_unique<Bzip2>(into);
    case Compression::lz4:
      return std::make_unique<Lz4>(into);
  }
  return nullptr;
}

std::unique_ptr<ByteSink> packer(StreamCodec codec, ByteSink& into) {
  switch (codec) {
    case StreamCodec::zlib:
      return std::make_unique<Deflate>(into, IGZIP_ZLIB);
    case StreamCodec::gzip:
      return std::make_unique<Deflate>(into, IGZIP_GZIP);
    case StreamCodec::lz4:
      return std::make_unique<Lz4>(into);
    case StreamCodec::zstd:
      return std::make_unique<Zstd>(into);
  }
  return nullptr;
}

}  // namespace backproof
