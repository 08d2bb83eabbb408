// SPDX-License-Identifier: Apache-2.0
#include "base/inflate/ahead.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace backproof::inflate {

Ahead::Ahead(ByteSource& from, std::size_t block_bytes, std::size_t blocks)
    : from_(from), block_bytes_(block_bytes), blocks_(blocks) {
  for (Block& block : blocks_)
    block.bytes = std::make_unique_for_overwrite<unsigned char[]>(block_bytes);
  thread_ = std::jthread([this](const std::stop_token& stop) { produce(stop); });
}

void Ahead::produce(const std::stop_token& stop) {
  for (std::size_t next = 0; wait_for_room(stop); next = (next + 1) % blocks_.size()) {
    Block& block = blocks_[next];
    block.size = 0;
    while (block.size < block_bytes_) {
      if (stop.stop_requested()) return;
      const auto n = from_.read(std::span(block.bytes.get(), block_bytes_).subspan(block.size));
      if (!n) return publish(true, n.error());
      if (*n == 0) return publish(true, {});
      block.size += *n;
    }
    publish(false, {});
  }
}

bool Ahead::wait_for_room(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [this] { return produced_ - consumed_ < blocks_.size(); });
}

// Hands over the block that was filled, which at the end may be empty.
void Ahead::publish(bool ended, std::optional<Error> failed) {
  {
    const std::lock_guard lock(mutex_);
    ++produced_;
    ended_ = ended;
    failed_ = std::move(failed);
  }
  changed_.notify_one();
}

Result<std::size_t> Ahead::read(std::span<unsigned char> into) {
  if (into.empty()) return std::size_t{0};
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return produced_ > consumed_ || ended_; });
    if (produced_ == consumed_) {
      if (failed_) return *failed_;
      return std::size_t{0};
    }
    const Block& block = blocks_[consumed_ % blocks_.size()];
    if (at_ < block.size) {
      lock.unlock();
      const std::size_t n = std::min(into.size(), block.size - at_);
      std::memcpy(into.data(), block.bytes.get() + at_, n);
      at_ += n;
      return n;
    }
    at_ = 0;
    ++consumed_;
    changed_.notify_one();
  }
}

}  // namespace backproof::inflate
