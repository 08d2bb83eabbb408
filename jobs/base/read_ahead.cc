// SPDX-License-Identifier: Apache-2.0
#include "base/read_ahead.h"

#include <algorithm>
#include <utility>

namespace backproof {
namespace {

constexpr std::size_t block_size = 1U << 18U;
constexpr std::size_t most_blocks = 8;

}  // namespace

ReadAhead::ReadAhead(ByteSource& source) : source_(source), thread_([this] { fill(); }) {}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ReadAhead::fill() {
  while (true) {
    std::vector<unsigned char> block(block_size);
    const Result<std::size_t> got = source_.read(block);
    std::unique_lock lock(mutex_);
    if (!got) failed_ = got.error();
    ended_ = !got || *got == 0;
    if (!ended_) {
      block.resize(*got);
      blocks_.push_back(std::move(block));
    }
    changed_.notify_all();
    changed_.wait(lock, [this] { return stopping_ || ended_ || blocks_.size() < most_blocks; });
    if (stopping_ || ended_) return;
  }
}

Result<std::size_t> ReadAhead::read(std::span<unsigned char> into) {
  if (taken_ == current_.size()) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !blocks_.empty(); });
    if (blocks_.empty()) {
      if (failed_) return *failed_;
      return 0U;
    }
    current_ = std::move(blocks_.front());
    blocks_.pop_front();
    taken_ = 0;
    changed_.notify_all();
  }
  const std::size_t n = std::min(into.size(), current_.size() - taken_);
  std::copy_n(current_.begin() + static_cast<std::ptrdiff_t>(taken_), n, into.begin());
  taken_ += n;
  return n;
}

}  // namespace backproof
