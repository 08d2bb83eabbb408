// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "base/result.h"

// Containers around a backup: gzip, zstd, xz, bzip2, lz4, up to three layers, told apart by magic
// bytes only, and proven whole while they are read: end of stream, checksum and length of every
// member, what follows the last one. Bytes are hostile; nothing here trusts a length field.
//
// Sources: RFC 1952 (gzip), RFC 8878 (zstd), https://tukaani.org/xz/xz-file-format.txt,
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md.
namespace backproof {

enum class Compression { none, gzip, zstd, xz, bzip2, lz4 };
std::string_view name_of(Compression compression);
// By magic bytes; none where no magic fits. Looks at 6 bytes, and behind skippable frames, which
// zstd and lz4 share, at those of the frame that follows; any input is fine.
Compression compression_of(ByteView head);

// A stream of bytes, pulled. One thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills `into` from its start and says how many bytes; 0 is the proven end and stays 0.
  // Errors: truncated, damaged (container), hostile (ratio), space (budget, or memory for a
  // window), missing_tool (a dictionary that is not in the file), fetch (I/O). After an error
  // every later read gives the same error. Content may come before the error.
  virtual Result<std::size_t> read(std::span<unsigned char> into) = 0;
  // Takes no more memory for windows from now on than it holds, or `least` bytes where that is
  // more: a later member that needs more is cause space. The most that it may hold then.
  virtual std::uintmax_t freeze_memory(std::uintmax_t /*least*/) { return 0; }
};

// What was found out about one layer; complete when its end was read.
struct Layer {
  Compression compression = Compression::none;
  std::uint64_t members = 0;    // gzip members, zstd/lz4 frames, xz/bzip2 streams
  std::uintmax_t bytes_in = 0;  // compressed, trailing bytes not counted
  std::uintmax_t bytes_out = 0;
  std::uintmax_t trailing = 0;  // bytes after the last member that belong to none
  bool trailing_zeros = false;  // all of them are zero: padding of tapes and block devices
  bool checksummed = true;      // every member carried a checksum of its content
  bool whole = false;           // the end was reached and everything agreed
  // A wrong checksum or length in a trailer after all content was out (the content may be
  // whole): reading goes on, and this says what disagreed. Only for gzip, and only when nothing or
  // zero padding follows that member: the other libraries do not say where a member with a wrong
  // checksum ends. Everything else ends the reading.
  std::optional<Error> trailer;
};

struct InflateLimits {
  std::uintmax_t budget = UINTMAX_MAX;     // bytes that any layer may give
  std::uintmax_t max_ratio = 2000;         // bytes out of any layer per byte of the file...
  std::uintmax_t ratio_free = 64U << 20U;  // ...beyond this many bytes out
  // For the windows of all layers' decoders together; more is cause space. The largest window of
  // common tools (zstd --long: 128 MiB) inside of a small one.
  std::uintmax_t memory = 140U << 20U;
  int max_layers = 3;
};

// Reads an open regular file from its start through all its layers. The SHA-256 is of the file's
// own bytes, every one of them, trailing bytes included, once the end was reached.
class Inflate : public ByteSource {
 public:
  // `fd` is borrowed and must outlive the object. Looks at the first bytes of each layer to find
  // the next one; a fourth compressed layer is an error (damaged). Fails only where there is no
  // regular file to read: whatever is wrong with its bytes is said by read(), so that layers() and
  // sha256() can be asked of a bad backup too.
  static Result<std::unique_ptr<Inflate>> open(int fd, const InflateLimits& limits);

  // The first bytes of the innermost content (at most 64 KiB), without consuming them. Fewer only
  // when the content is shorter.
  virtual ByteView head() const = 0;
  // Outermost first; empty for a bare file.
  virtual std::vector<Layer> layers() const = 0;
  // Bytes of the file read so far: for progress. May be called from any thread.
  virtual std::uintmax_t bytes_read() const = 0;
  // Reads the file to its very end if that has not happened, then the hash. Only once, and last:
  // content that was not read by then is gone.
  virtual Result<std::string> sha256() = 0;
};

}  // namespace backproof
