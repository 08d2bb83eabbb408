// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/inflate.h"

// The contract between a layer (layer.h), which knows about members, limits and what follows the
// last one, and a codec, which knows one format. One codec a file; a new one is a file here, a
// line in make_decoder() and its magic in compression.cc.
namespace backproof::inflate {

// Whether bytes are the start of a member: `cut` where they end within what may be its magic.
enum class Start { no, cut, yes };
Start start_of(Compression compression, ByteView in);
// A frame for the user's own data, the same in zstd and lz4: magic 0x184D2A50..5F, length, bytes.
Start skippable_start(ByteView in);

// The bytes that a codec may ask to see at once.
inline constexpr std::size_t lookahead = 64;

// What the first bytes of a member say.
struct Member {
  std::size_t header = 0;   // bytes that are done with
  bool checksummed = true;  // carries a checksum of all its content
};

struct Step {
  std::size_t taken = 0, given = 0;
  bool ended = false;            // the member's end, trailer included, was read
  std::optional<Error> trailer;  // with `ended`: the trailer disagrees with the content
};

// Errors are without the name of the codec and the member: the layer puts them in front.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // "member", "frame" or "stream", as the format calls it.
  virtual std::string_view unit() const = 0;
  // Whether zero bytes in fours may stand between two members.
  virtual bool padded() const { return false; }
  // A member starts at the first byte of `in` (its magic was found there). `in` has at least
  // `lookahead` bytes unless the input ends there.
  virtual Result<Member> begin(ByteView in) = 0;
  // Goes on in the member. `out` is not empty; `in` as above. No step forward at the end of the
  // input means that the member is cut.
  virtual Result<Step> step(ByteView in, std::span<unsigned char> out) = 0;
};

// Memory for windows and dictionaries that several decoders share. One thread at a time.
class WindowBudget {
 public:
  explicit WindowBudget(std::uintmax_t limit) : limit_(limit), left_(limit) {}
  std::uintmax_t limit() const {
    const std::lock_guard lock(mutex_);
    return limit_;
  }
  std::uintmax_t left() const {
    const std::lock_guard lock(mutex_);
    return left_;
  }
  bool take(std::uintmax_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void give_back(std::uintmax_t bytes) {
    const std::lock_guard lock(mutex_);
    left_ += bytes;
  }
  // Lowers the limit to what is taken, or to `least` where that is more: the limit from now on.
  std::uintmax_t freeze(std::uintmax_t least) {
    const std::lock_guard lock(mutex_);
    const std::uintmax_t taken = limit_ - left_;
    limit_ = std::min(limit_, std::max(taken, least));
    left_ = limit_ - taken;
    return limit_;
  }

 private:
  mutable std::mutex mutex_;
  std::uintmax_t limit_, left_;  // guarded by mutex_
};

// One decoder's share: what its largest member needed, for libraries keep their buffers.
class WindowShare {
 public:
  explicit WindowShare(WindowBudget& budget) : budget_(budget) {}
  WindowShare(const WindowShare&) = delete;
  WindowShare& operator=(const WindowShare&) = delete;
  ~WindowShare() { budget_.give_back(held_); }

  // The most that a member of this decoder may need.
  std::uintmax_t limit() const { return held_ + budget_.left(); }
  // False when `bytes` in all are more than that.
  bool need(std::uintmax_t bytes) {
    if (bytes <= held_) return true;
    if (!budget_.take(bytes - held_)) return false;
    held_ = bytes;
    return true;
  }

  // What to say of a member that needs `bytes`; `what` is in front of the number.
  Error refusal(std::string_view what, std::uintmax_t bytes, std::string hint) const;

 private:
  WindowBudget& budget_;
  std::uintmax_t held_ = 0;
};

// A member whose window or dictionary does not fit into `budget`, which must outlive the decoder,
// is cause space.
std::unique_ptr<Decoder> gzip_decoder();
std::unique_ptr<Decoder> zlib_decoder();
Result<std::unique_ptr<Decoder>> zstd_decoder(WindowBudget& budget);
std::unique_ptr<Decoder> xz_decoder(WindowBudget& budget);
std::unique_ptr<Decoder> bzip2_decoder(WindowBudget& budget);
Result<std::unique_ptr<Decoder>> lz4_decoder(WindowBudget& budget);
Result<std::unique_ptr<Decoder>> make_decoder(Compression compression, WindowBudget& budget);

// `bytes` bytes at the start of `in` as an unsigned number, least significant first.
inline std::uint64_t little_endian(ByteView in, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i > 0; --i) value = value << 8U | in[i - 1];
  return value;
}

inline Error cut_header() {
  return {Cause::truncated, "is cut off in its header", ""};
}
inline Error out_of_memory() {
  return {Cause::space, "out of memory", ""};
}
// The member cannot be read without a dictionary file that is not part of it.
Error needs_dictionary(std::uint64_t id);

}  // namespace backproof::inflate
