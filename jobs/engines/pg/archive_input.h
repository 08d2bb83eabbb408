// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/inflate.h"

namespace backproof {

// The bytes of an archive of pg_dump in their order, and the numbers that it writes
// (pg_backup_archiver.c: WriteInt, WriteOffset). Whatever ends too early is cause truncated.
class ArchiveInput {
 public:
  // `from` must outlive the object.
  explicit ArchiveInput(ByteSource& from);

  // How wide the archive's numbers are, in bytes, once its header said so: 1 to 32.
  void set_int_size(unsigned bytes) { int_size_ = bytes; }

  // Bytes taken so far: where in the archive we are.
  std::uint64_t offset() const { return taken_ + at_; }
  // Some bytes, as many as come cheaply; 0 only at the end.
  Result<std::size_t> read(std::span<unsigned char> into);
  // The next bytes without taking them: `bytes` (at most 64 KiB), fewer only where the archive
  // ends.
  Result<ByteView> peek(std::size_t bytes);
  // Goes past so many bytes; an Error as of cut() where there are fewer.
  Result<void> skip(std::uint64_t bytes);
  // Whether there is nothing more.
  Result<bool> at_end();
  // What to say where the bytes end and more were needed.
  Error cut() const;
  Result<unsigned char> byte();
  // A sign and a magnitude. What does not fit 32 bits is damaged: pg_dump writes no such number,
  // and pg_restore would read another.
  Result<std::int64_t> integer();
  // `bytes` bytes, least significant first, without a sign.
  Result<std::uint64_t> magnitude(unsigned bytes);

 private:
  Result<void> refill();

  ByteSource& from_;
  std::unique_ptr<unsigned char[]> buffer_;
  std::size_t at_ = 0, filled_ = 0;  // what is there: [at_, filled_)
  std::uint64_t taken_ = 0;          // before the buffer
  unsigned int_size_ = 4;
};

}  // namespace backproof
