// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/inflate.h"
#include "base/inflate_stream.h"

// Containers around bytes, made: the other direction of inflate.h, for copies of backups.
namespace backproof {

// Takes bytes in pieces, whole when finish() has returned. One thread.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(ByteView bytes) = 0;
  // Once, last. What lies below is not finished by it.
  virtual Result<void> finish() { return {}; }
};

// Writes one member with a checksum, at a fast level, into `into`, which must outlive it.
std::unique_ptr<ByteSink> packer(Compression compression, ByteSink& into);
// The same for what stands inside of an archive.
std::unique_ptr<ByteSink> packer(StreamCodec codec, ByteSink& into);

// Into a descriptor, which is borrowed.
class FileSink final : public ByteSink {
 public:
  explicit FileSink(int fd) : fd_(fd) {}
  Result<void> write(ByteView bytes) override { return write_all(fd_, bytes); }

 private:
  int fd_;
};

class TextSink final : public ByteSink {
 public:
  Result<void> write(ByteView bytes) override {
    text.append(as_text(bytes));
    return {};
  }
  std::string text;
};

}  // namespace backproof
