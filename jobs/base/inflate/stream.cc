// SPDX-License-Identifier: Apache-2.0
#include "base/inflate_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/inflate/decoder.h"

namespace backproof {

using namespace inflate;

namespace {

constexpr std::size_t buffer_bytes = 128U << 10U;

std::string_view name_of(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::zlib:
      return "zlib";
    case StreamCodec::gzip:
      return "gzip";
    case StreamCodec::lz4:
      return "lz4";
    case StreamCodec::zstd:
      return "zstd";
  }
  return "";
}

Result<std::unique_ptr<Decoder>> decoder_for(StreamCodec codec, WindowBudget& windows) {
  switch (codec) {
    case StreamCodec::zlib:
      return zlib_decoder();
    case StreamCodec::gzip:
      return gzip_decoder();
    case StreamCodec::lz4:
      return lz4_decoder(windows);
    case StreamCodec::zstd:
      return zstd_decoder(windows);
  }
  return Error{Cause::internal, "no such codec", ""};
}

// zlib has no magic: none.
Compression magic_of(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::zlib:
      return Compression::none;
    case StreamCodec::gzip:
      return Compression::gzip;
    case StreamCodec::lz4:
      return Compression::lz4;
    case StreamCodec::zstd:
      return Compression::zstd;
  }
  return Compression::none;
}

}  // namespace

struct StreamInflate::State {
  State(StreamCodec which, std::uintmax_t memory) : codec(which), windows(memory) {}

  const StreamCodec codec;
  WindowBudget windows;
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<unsigned char[]> buffer =
      std::make_unique_for_overwrite<unsigned char[]>(buffer_bytes);
  std::size_t at = 0, filled = 0;  // what is there of `from`: [at, filled)
  ByteSource* from = nullptr;
  bool at_end = false;  // `from` has no more
  bool inside = false;  // of a member
  std::uintmax_t members = 0, taken = 0, given = 0;
  std::optional<Error> failed;

  ByteView input() const { return {buffer.get() + at, filled - at}; }

  Error in_stream(const Error& error) const {
    return {error.cause,
            std::string(name_of(codec)) + " " + std::string(decoder->unit()) + " " + error.text,
            error.hint};
  }

  // At least `lookahead` bytes of input, fewer only where `from` ends.
  Result<void> refill() {
    if (at_end || filled - at >= lookahead) return {};
    std::memmove(buffer.get(), buffer.get() + at, filled - at);
    filled -= std::exchange(at, 0);
    while (!at_end && filled < lookahead) {
      TRY_ASSIGN(const std::size_t n,
                 from->read(std::span(buffer.get(), buffer_bytes).subspan(filled)));
      filled += n;
      at_end = n == 0;
    }
    return {};
  }

  Result<void> expect_magic() const {
    const Start start = start_of(magic_of(codec), input());
    if (start == Start::yes && skippable_start(input()) == Start::no) return {};
    if (members > 0) return in_stream({Cause::damaged, "is followed by other bytes", ""});
    if (start == Start::cut) return in_stream(cut_header());
    return in_stream({Cause::damaged, "has no valid header", ""});
  }

  Result<void> begin() {
    if (codec != StreamCodec::zlib || members > 0) TRY(expect_magic());
    ++members;
    const auto member = decoder->begin(input());
    if (!member) return in_stream(member.error());
    at += member->header;
    taken += member->header;
    inside = true;
    return {};
  }

  Result<std::size_t> next(std::span<unsigned char> into) {
    while (true) {
      TRY(refill());
      if (!inside) {
        if (input().empty()) return std::size_t{0};
        TRY(begin());
        continue;
      }
      const auto step = decoder->step(input(), into);
      if (!step) return in_stream(step.error());
      if (step->trailer) return in_stream(*step->trailer);
      at += step->taken;
      taken += step->taken;
      given += step->given;
      inside = !step->ended;
      if (inside && at_end && step->taken == 0 && step->given == 0)
        return in_stream({Cause::truncated, "is cut off", ""});
      const InflateLimits limits;
      if (given > limits.ratio_free && given / limits.max_ratio > taken)
        return in_stream(
            {Cause::hostile,
             "unpacks to more than " + std::to_string(limits.max_ratio) + " times its size", ""});
      if (step->given > 0) return step->given;
    }
  }
};

StreamInflate::StreamInflate(std::unique_ptr<State> state) : state_(std::move(state)) {}

StreamInflate::~StreamInflate() = default;

Result<std::unique_ptr<StreamInflate>> StreamInflate::create(StreamCodec codec,
                                                             std::uintmax_t memory) {
  auto state = std::make_unique<State>(codec, memory);
  TRY_ASSIGN(state->decoder, decoder_for(codec, state->windows));
  return std::unique_ptr<StreamInflate>(new StreamInflate(std::move(state)));
}

void StreamInflate::start(ByteSource& from) {
  state_->from = &from;
  state_->at = state_->filled = 0;
  state_->at_end = state_->inside = false;
  state_->members = state_->taken = state_->given = 0;
  state_->failed.reset();
}

Result<std::size_t> StreamInflate::read(std::span<unsigned char> into) {
  if (state_->failed) return *state_->failed;
  if (into.empty()) return std::size_t{0};
  auto given = state_->next(into);
  if (!given) state_->failed = given.error();
  return given;
}

}  // namespace backproof
