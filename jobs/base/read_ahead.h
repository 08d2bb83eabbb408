// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/inflate.h"

namespace backproof {

// Reads a source on a thread of its own, up to 2 MiB ahead, so that inflating and using the content
// go on at the same time. The source belongs to it until it is destroyed; what was read ahead and
// not taken by then is lost. Used by one thread.
class ReadAhead : public ByteSource {
 public:
  explicit ReadAhead(ByteSource& source);
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() override;

  Result<std::size_t> read(std::span<unsigned char> into) override;

 private:
  void fill();

  ByteSource& source_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::vector<unsigned char>> blocks_;  // guarded by mutex_
  std::optional<Error> failed_;                    // guarded by mutex_: after blocks_
  bool ended_ = false;                             // guarded by mutex_: nothing after blocks_
  bool stopping_ = false;                          // guarded by mutex_
  std::vector<unsigned char> current_;
  std::size_t taken_ = 0;  // of current_
  std::thread thread_;
};

}  // namespace backproof
