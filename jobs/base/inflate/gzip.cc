// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952). ISA-L inflates the body only; header and trailer are read here, so that every
// checksum and length is compared in this file and nowhere else.
#include <isa-l/crc.h>

#include <algorithm>
#include <array>

#include "base/inflate/deflate.h"

namespace backproof::inflate {
namespace {

constexpr unsigned char has_header_crc = 2, has_extra = 4, has_name = 8, has_comment = 16;
constexpr unsigned char reserved = 0xe0;
constexpr std::size_t fixed_header = 10, trailer_size = 8;

std::string hex32(std::uint64_t value) {
  std::string text = "0x00000000";
  for (std::size_t i = text.size() - 1; i > 1; --i, value >>= 4U)
    text[i] = "0123456789abcdef"[value & 15U];
  return text;
}

class Gzip final : public Decoder {
 public:
  std::string_view unit() const override { return "member"; }

  Result<Member> begin(ByteView in) override {
    if (in.size() < fixed_header) return cut_header();
    if (in[2] != 8)
      return Error{Cause::damaged, "has compression method " + std::to_string(in[2]) + ", not 8",
                   ""};
    flags_ = in[3];
    if ((flags_ & reserved) != 0) return Error{Cause::damaged, "has reserved flags set", ""};
    header_crc_ = crc32_gzip_refl(0, in.data(), fixed_header);
    part_ = Part::extra_length;
    crc_ = 0;
    length_ = 0;
    trailer_have_ = 0;
    body_.begin();
    return Member{.header = fixed_header, .checksummed = true};
  }

  Result<Step> step(ByteView in, std::span<unsigned char> out) override {
    Step step;
    while (part_ < Part::body) {
      const Part before = part_;
      TRY_ASSIGN(const std::size_t taken, header(in.subspan(step.taken)));
      step.taken += taken;
      if (part_ == before) return step;
    }
    if (part_ == Part::body) TRY(body(in, out, step));
    if (part_ == Part::trailer) trailer(in, step);
    return step;
  }

 private:
  // In the order in which they stand in the file.
  enum class Part { extra_length, extra, name, comment, header_crc, body, trailer };

  // One optional part of the header, or as much of it as there is; moves to the next when done.
  Result<std::size_t> header(ByteView in) {
    switch (part_) {
      case Part::extra_length:
        if ((flags_ & has_extra) == 0) return next(Part::name, in, 0);
        if (in.size() < 2) return std::size_t{0};
        extra_left_ = little_endian(in, 2);
        return next(Part::extra, in, 2);
      case Part::extra: {
        const std::size_t n = std::min<std::size_t>(extra_left_, in.size());
        extra_left_ -= n;
        return next(extra_left_ == 0 ? Part::name : Part::extra, in, n);
      }
      case Part::name:
        return text(has_name, Part::comment, in);
      case Part::comment:
        return text(has_comment, Part::header_crc, in);
      case Part::header_crc:
        if ((flags_ & has_header_crc) == 0) return next(Part::body, in, 0);
        if (in.size() < 2) return std::size_t{0};
        if (little_endian(in, 2) != (header_crc_ & 0xffffU))
          return Error{Cause::damaged, "has a header that disagrees with its checksum", ""};
        return next(Part::body, in, 2);
      case Part::body:
      case Part::trailer:
        break;
    }
    return std::size_t{0};
  }

  std::size_t next(Part part, ByteView in, std::size_t taken) {
    header_crc_ = crc32_gzip_refl(header_crc_, in.data(), taken);
    part_ = part;
    return taken;
  }

  // Text up to its zero byte.
  std::size_t text(unsigned char flag, Part after, ByteView in) {
    if ((flags_ & flag) == 0) return next(after, in, 0);
    const auto zero = std::find(in.begin(), in.end(), 0);
    if (zero == in.end()) return next(part_, in, in.size());
    return next(after, in, static_cast<std::size_t>(zero - in.begin()) + 1);
  }

  Result<void> body(ByteView in, std::span<unsigned char> out, Step& step) {
    TRY_ASSIGN(const bool ended, body_.step(in.subspan(step.taken), out, step));
    crc_ = crc32_gzip_refl(crc_, out.data(), step.given);
    length_ += step.given;
    if (!ended) return {};
    for (const unsigned char byte : body_.behind()) trailer_[trailer_have_++] = byte;
    part_ = Part::trailer;
    return {};
  }

  void trailer(ByteView in, Step& step) {
    const ByteView rest = in.subspan(step.taken);
    const std::size_t n = std::min(trailer_size - trailer_have_, rest.size());
    std::copy_n(rest.begin(), n, trailer_.begin() + static_cast<std::ptrdiff_t>(trailer_have_));
    trailer_have_ += n;
    step.taken += n;
    if (trailer_have_ < trailer_size) return;
    step.ended = true;
    const std::uint64_t crc = little_endian(trailer_, 4);
    const std::uint64_t length = little_endian(ByteView(trailer_).subspan(4), 4);
    std::string wrong;
    if (crc != crc_)
      wrong = "has content with CRC32 " + hex32(crc_) + " where its trailer says " + hex32(crc);
    if (length != (length_ & 0xffffffffU))
      wrong += (wrong.empty() ? "has " : " and ") + std::to_string(length_ & 0xffffffffU) +
               " bytes (modulo 2^32) where its trailer says " + std::to_string(length);
    if (!wrong.empty()) step.trailer = Error{Cause::damaged, wrong, ""};
  }

  Part part_ = Part::extra_length;
  unsigned char flags_ = 0;
  std::uint32_t header_crc_ = 0;
  std::size_t extra_left_ = 0;
  std::uint32_t crc_ = 0;
  std::uint64_t length_ = 0;
  std::array<unsigned char, trailer_size> trailer_{};
  std::size_t trailer_have_ = 0;
  Deflate body_;
};

}  // namespace

std::unique_ptr<Decoder> gzip_decoder() {
  return std::make_unique<Gzip>();
}

}  // namespace backproof::inflate
