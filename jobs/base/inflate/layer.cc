// SPDX-License-Identifier: Apache-2.0
#include "base/inflate/layer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace backproof::inflate {
namespace {

constexpr std::size_t buffer_bytes = 256U << 10U;
constexpr std::size_t skippable_header = 8;

}  // namespace

LayerSource::LayerSource(Compression compression, std::unique_ptr<Decoder> decoder,
                         ByteSource& from, OutputLimits limits, std::stop_token stop)
    : decoder_(std::move(decoder)),
      from_(from),
      limits_(limits),
      stop_(std::move(stop)),
      buffer_(std::make_unique_for_overwrite<unsigned char[]>(buffer_bytes)) {
  now_.compression = shown_.compression = compression;
}

void LayerSource::close() {
  failed_ = Error{Cause::internal, "the layer is closed", ""};
  decoder_.reset();
  buffer_.reset();
}

Layer LayerSource::layer() const {
  const std::lock_guard lock(mutex_);
  return shown_;
}

Result<std::size_t> LayerSource::read(std::span<unsigned char> into) {
  if (failed_) return *failed_;
  if (into.empty()) return std::size_t{0};
  auto given = next(into);
  if (!given) failed_ = given.error();
  const std::lock_guard lock(mutex_);
  shown_ = now_;
  return given;
}

Result<std::size_t> LayerSource::next(std::span<unsigned char> into) {
  while (state_ != State::done) {
    // Members without content, and what is skipped, can be many: this loop may be long.
    if (stop_.stop_requested()) return Error{Cause::cancelled, "the reading was stopped", ""};
    TRY(refill());
    switch (state_) {
      case State::border:
        TRY(cross_border());
        break;
      case State::skipping:
        TRY(skip());
        break;
      case State::trailing:
        TRY(read_trailing());
        break;
      case State::inside: {
        TRY_ASSIGN(const std::size_t given, decode(into));
        if (given > 0) return given;
        break;
      }
      case State::done:
        break;
    }
  }
  return std::size_t{0};
}

// At least `lookahead` bytes of input, fewer only where `from_` ends.
Result<void> LayerSource::refill() {
  if (at_end_ || filled_ - at_ >= lookahead) return {};
  std::memmove(buffer_.get(), buffer_.get() + at_, filled_ - at_);
  filled_ -= std::exchange(at_, 0);
  while (!at_end_ && filled_ < lookahead) {
    TRY_ASSIGN(const std::size_t n,
               from_.read(std::span(buffer_.get(), buffer_bytes).subspan(filled_)));
    filled_ += n;
    at_end_ = n == 0;
  }
  return {};
}

void LayerSource::take(std::size_t n) {
  at_ += n;
  now_.bytes_in += n;
}

Result<void> LayerSource::cross_border() {
  const ByteView in = input();
  const Start start = start_of(now_.compression, in);
  // Skippable frames are in front of lz4's frames as well as of zstd's, and compression_of() sees
  // only so far: what is neither must not pass for a layer without content.
  if (start == Start::no && now_.members == 0 && !in.empty())
    return Error{Cause::damaged,
                 std::string(name_of(now_.compression)) +
                     " skippable frames are followed by no frame but by other bytes",
                 ""};
  // After a trailer that disagrees only padding may follow: else the damage is in the middle.
  if (start == Start::no || now_.trailer) {
    state_ = State::trailing;
    return {};
  }
  if (start == Start::yes && skippable_start(in) == Start::yes) {
    if (in.size() < skippable_header)
      return Error{Cause::truncated,
                   std::string(name_of(now_.compression)) + " skippable frame is cut off", ""};
    skip_left_ = little_endian(in.subspan(4), 4);
    take(skippable_header);
    state_ = State::skipping;
    return {};
  }
  ++now_.members;
  if (start == Start::cut) return in_member(cut_header());
  const auto member = decoder_->begin(in);
  if (!member) return in_member(member.error());
  take(member->header);
  now_.checksummed = now_.checksummed && member->checksummed;
  state_ = State::inside;
  return {};
}

Result<std::size_t> LayerSource::decode(std::span<unsigned char> into) {
  const auto step = decoder_->step(input(), into);
  if (!step) return in_member(step.error());
  take(step->taken);
  now_.bytes_out += step->given;
  TRY(within_limits());
  if (step->ended) {
    if (step->trailer) now_.trailer = in_member(*step->trailer);
    state_ = State::border;
  } else if (at_end_ && step->taken == 0 && step->given == 0) {
    return in_member({Cause::truncated,
                      "is cut off: the layer's content ends after " +
                          std::to_string(now_.bytes_out) + " bytes without an end of stream",
                      "an upload or a disk that ran full can do this; take the backup again"});
  }
  return step->given;
}

Result<void> LayerSource::within_limits() const {
  if (now_.bytes_out > limits_.budget)
    return Error{Cause::space,
                 std::string(name_of(now_.compression)) + " content is larger than the budget of " +
                     std::to_string(limits_.budget) + " bytes",
                 ""};
  if (now_.bytes_out > limits_.bomb)
    return Error{Cause::hostile,
                 std::string(name_of(now_.compression)) + " content is larger than " +
                     std::to_string(limits_.bomb) +
                     " bytes, the most that a file of this size may unpack to",
                 ""};
  return {};
}

Result<void> LayerSource::skip() {
  const std::size_t n = std::min<std::uint64_t>(skip_left_, filled_ - at_);
  take(n);
  skip_left_ -= n;
  if (skip_left_ == 0) {
    state_ = State::border;
  } else if (at_end_ && n == 0) {
    return Error{Cause::truncated,
                 std::string(name_of(now_.compression)) + " skippable frame is cut off", ""};
  }
  return {};
}

// Bytes that belong to no member, to the end of the source.
Result<void> LayerSource::read_trailing() {
  const ByteView in = input();
  if (in.empty()) {
    // refill() gives nothing only at the end.
    now_.trailing_zeros = now_.trailing > 0 && now_.trailing_zeros;
    now_.whole = !now_.trailer;
    state_ = State::done;
    return {};
  }
  if (now_.trailing == 0) now_.trailing_zeros = true;
  std::size_t n = in.size();
  if (now_.trailing_zeros) {
    const auto other = std::find_if(in.begin(), in.end(), [](unsigned char b) { return b != 0; });
    const auto zeros = static_cast<std::size_t>(other - in.begin());
    if (zeros > 0) {
      n = zeros;
    } else if (now_.trailer) {
      return Error(*now_.trailer);
    } else if (decoder_->padded() && now_.trailing > 0 && now_.trailing % 4 == 0 &&
               start_of(now_.compression, in) != Start::no) {
      now_.bytes_in += std::exchange(now_.trailing, 0);
      now_.trailing_zeros = false;
      state_ = State::border;
      return {};
    } else {
      now_.trailing_zeros = false;
    }
  }
  at_ += n;
  now_.trailing += n;
  return {};
}

// "gzip member 2: is cut off in its header", with the kind of thing in front.
Error LayerSource::in_member(const Error& error) const {
  return {error.cause,
          std::string(name_of(now_.compression)) + " " + std::string(decoder_->unit()) + " " +
              std::to_string(now_.members) + " " + error.text,
          error.hint};
}

}  // namespace backproof::inflate
