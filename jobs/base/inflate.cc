// SPDX-License-Identifier: Apache-2.0
// The chain behind Inflate: file (hashed while it is read, on a thread of its own) -> layer ->
// layer -> content (inflated on a second thread), each with its first bytes kept for a look.
#include "base/inflate.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stop_token>
#include <utility>

#include "base/inflate/ahead.h"
#include "base/inflate/decoder.h"
#include "base/inflate/layer.h"

namespace backproof {
namespace {

using namespace inflate;

constexpr std::size_t head_bytes = 64U << 10U;
// Enough to keep two threads busy, and to stay within a core's cache.
constexpr std::size_t file_block = 256U << 10U, content_block = 512U << 10U, ring = 4;

// The file's own bytes, hashed on the way.
class HashedFile final : public ByteSource {
 public:
  explicit HashedFile(int fd) : fd_(fd) {}

  Result<std::size_t> read(std::span<unsigned char> into) override {
    const std::uintmax_t offset = offset_.load(std::memory_order_relaxed);
    TRY_ASSIGN(const std::size_t n, read_at(fd_, into, offset));
    hash_.update(into.first(n));
    offset_.store(offset + n, std::memory_order_relaxed);
    return n;
  }
  std::uintmax_t offset() const { return offset_.load(std::memory_order_relaxed); }
  std::string hex() { return hash_.hex(); }

 private:
  int fd_;
  Sha256 hash_;
  std::atomic<std::uintmax_t> offset_ = 0;
};

// A source whose first bytes may be looked at before they are read.
class Headed final : public ByteSource {
 public:
  explicit Headed(ByteSource& from) : from_(from), head_(head_bytes) {
    std::size_t have = 0;
    while (have < head_.size() && !over_) {
      auto n = from_.read(std::span(head_).subspan(have));
      if (n && *n > 0)
        have += *n;
      else
        over_ = std::move(n);
    }
    head_.resize(have);
  }

  ByteView head() const { return head_; }
  // Nothing is left but the head.
  bool over() const { return over_.has_value(); }

  Result<std::size_t> read(std::span<unsigned char> into) override {
    if (at_ == head_.size()) return over_ ? *over_ : from_.read(into);
    const std::size_t n = std::min(into.size(), head_.size() - at_);
    std::memcpy(into.data(), head_.data() + at_, n);
    at_ += n;
    return n;
  }

 private:
  ByteSource& from_;
  std::vector<unsigned char> head_;
  std::size_t at_ = 0;
  std::optional<Result<std::size_t>> over_;  // what `from_` said when it had no more
};

class Container final : public Inflate {
 public:
  Container(int fd, std::uintmax_t bytes, const InflateLimits& limits)
      : windows_(limits.memory),
        file_(fd),
        file_ahead_(std::make_unique<Ahead>(file_, file_block, ring)) {
    heads_.push_back(std::make_unique<Headed>(*file_ahead_));
    const std::uintmax_t ratio_limit =
        limits.max_ratio > 0 && bytes > UINTMAX_MAX / limits.max_ratio ? UINTMAX_MAX
                                                                       : bytes * limits.max_ratio;
    const OutputLimits output{limits.budget, std::max(limits.ratio_free, ratio_limit)};
    for (Compression next = compression_of(head()); next != Compression::none;
         next = compression_of(head())) {
      if (layers_.size() >= static_cast<std::size_t>(std::max(limits.max_layers, 0))) {
        over_ = Error{Cause::damaged,
                      "more than " + std::to_string(limits.max_layers) + " layers of compression",
                      "unpack the outer layers first"};
        return;
      }
      auto decoder = make_decoder(next, windows_);
      if (!decoder) {
        over_ = decoder.error();
        return;
      }
      layers_.push_back(std::make_unique<LayerSource>(next, *std::move(decoder), *heads_.back(),
                                                      output, stop_.get_token()));
      heads_.push_back(std::make_unique<Headed>(*layers_.back()));
    }
    if (!layers_.empty() && !heads_.back()->over())
      content_ahead_ = std::make_unique<Ahead>(*heads_.back(), content_block, ring);
  }
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;
  ~Container() override { stop_.request_stop(); }

  Result<std::size_t> read(std::span<unsigned char> into) override {
    if (over_) return *over_;
    if (into.empty()) return std::size_t{0};
    auto n = content_ahead_ ? content_ahead_->read(into) : heads_.back()->read(into);
    if (!n || *n == 0) over_ = n;
    return n;
  }

  std::uintmax_t freeze_memory(std::uintmax_t least) override {
    return layers_.empty() ? 0 : windows_.freeze(least);
  }

  ByteView head() const override { return heads_.back()->head(); }

  std::vector<Layer> layers() const override {
    std::vector<Layer> found;
    for (const auto& layer : layers_) found.push_back(layer->layer());
    return found;
  }

  std::uintmax_t bytes_read() const override { return file_.offset(); }

  Result<std::string> sha256() override {
    if (!file_ahead_) return Error{Cause::internal, "the SHA-256 was already taken", ""};
    if (!over_)
      over_ = Error{Cause::internal, "the SHA-256 was taken before the content was read", ""};
    // The layers let go of the file, whose own thread then reads on to its end.
    stop_.request_stop();
    content_ahead_.reset();
    for (const auto& layer : layers_) layer->close();
    std::vector<unsigned char> dropped(file_block);
    std::size_t n = 1;
    while (n > 0) {
      TRY_ASSIGN(n, file_ahead_->read(dropped));
    }
    file_ahead_.reset();
    return file_.hex();
  }

 private:
  // In the order of the chain: what is declared later reads from what is declared before.
  WindowBudget windows_;
  HashedFile file_;
  std::stop_source stop_;
  std::unique_ptr<Ahead> file_ahead_;
  std::vector<std::unique_ptr<LayerSource>> layers_;
  std::vector<std::unique_ptr<Headed>> heads_;
  std::unique_ptr<Ahead> content_ahead_;
  std::optional<Result<std::size_t>> over_;  // the end or the error, once there
};

}  // namespace

Result<std::unique_ptr<Inflate>> Inflate::open(int fd, const InflateLimits& limits) {
  TRY_ASSIGN(const FileFacts facts, facts_of(fd));
  if (!facts.is_regular()) return Error{Cause::fetch, "is not a regular file", ""};
  return guarded(Cause::internal, "starting to read", [&]() -> Result<std::unique_ptr<Inflate>> {
    return std::unique_ptr<Inflate>(std::make_unique<Container>(fd, facts.bytes, limits));
  });
}

}  // namespace backproof
