// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/inflate.h"
#include "support/support.h"

// Containers made by the reference libraries, and the whole answer of Inflate to some bytes.
namespace backproof::test {

struct GzipShape {
  int level = 6;
  int strategy = 0;  // zlib's Z_DEFAULT_STRATEGY
  int memory = 8;
  bool full_header = false;  // with extra field, name, comment and header checksum
};
std::string gzip_of(std::string_view content, const GzipShape& shape = {});
std::string zstd_of(std::string_view content, bool checksum = true, int window_log = 0);
std::string xz_of(std::string_view content, int lzma_check_id,
                  std::uint32_t dictionary = 1U << 20U);
std::string xz_of(std::string_view content);  // CRC64, as the tool does
std::string bzip2_of(std::string_view content);
struct Lz4Shape {
  bool content_checksum = true, block_checksums = false;
};
std::string lz4_of(std::string_view content, Lz4Shape shape = {});
// A frame of user data, as zstd and lz4 have it.
std::string skippable_of(std::string_view data);
// What the first gzip member holds, by zlib; nothing when zlib finds a fault.
std::optional<std::string> gunzip_by_zlib(std::string_view bytes);

// Each compression with a maker of streams that carry a checksum.
struct Maker {
  Compression compression;
  std::function<std::string(std::string_view)> make;
};
std::vector<Maker> makers();

// Text with matches of all lengths and runs of noise: every kind of deflate block turns up.
std::string content_of(Random& random, std::size_t bytes);

struct Answer {
  std::string content;
  std::optional<Error> error;  // of the first read that failed
  std::vector<Layer> layers;
  std::string head, sha256;
  std::uintmax_t bytes_read = 0;

  Cause cause() const { return error ? error->cause : Cause::none; }
  bool whole() const;  // every layer is, and there was no error
};
// Reads `bytes` as a file to the end, `chunk` bytes a read; also checks that the end or the error
// stays, and that the whole file was read for its hash.
Answer inflated(std::string_view bytes, const InflateLimits& limits = {},
                std::size_t chunk = 1U << 20U);
// An unnamed file in memory with these bytes.
Fd file_of(std::string_view bytes);

}  // namespace backproof::test
