// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/inflate.h"

namespace backproof::inflate {

// Reads another source ahead of the consumer, on a thread of its own, into a few blocks that go
// round: both work at the same time, and neither waits busily. The consumer is one thread.
class Ahead final : public ByteSource {
 public:
  // `from` belongs to the thread until the destructor has returned, or until read() has given
  // the end or an error.
  Ahead(ByteSource& from, std::size_t block_bytes, std::size_t blocks);
  // Stops the thread at its next block and joins it.
  ~Ahead() override = default;
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;

  Result<std::size_t> read(std::span<unsigned char> into) override;

 private:
  struct Block {
    std::unique_ptr<unsigned char[]> bytes;  // not zeroed: a small file touches little of it
    std::size_t size = 0;
  };

  void produce(const std::stop_token& stop);
  bool wait_for_room(const std::stop_token& stop);
  void publish(bool ended, std::optional<Error> failed);

  ByteSource& from_;
  const std::size_t block_bytes_;
  std::vector<Block> blocks_;  // a full one belongs to the consumer, any other to the producer
  std::size_t at_ = 0;         // the consumer's place in its block

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t produced_ = 0, consumed_ = 0;  // blocks so far; guarded by mutex_
  bool ended_ = false;                         // no more blocks; guarded by mutex_
  std::optional<Error> failed_;                // why not; guarded by mutex_

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace backproof::inflate
