// SPDX-License-Identifier: Apache-2.0
// Inflate on anything: never crashes, keeps its limits, and what it says about the layers agrees
// with what it gave.
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/inflate.h"

namespace {

using namespace backproof;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_layers(const std::vector<Layer>& layers, std::size_t file, std::size_t given,
                  bool ended) {
  std::uintmax_t in = file;
  for (const Layer& layer : layers) {
    require(layer.compression != Compression::none);
    require(layer.bytes_in + layer.trailing <= in);
    require(!(layer.whole && layer.trailer));
    if (ended) {
      // The end of the innermost content is the proven end of every layer around it.
      require(layer.whole || layer.trailer);
      require(layer.bytes_in + layer.trailing == in);
    }
    in = layer.bytes_out;
  }
  if (ended) require(given == in);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const Fd fd(memfd_create("container", MFD_CLOEXEC));
  require(fd && write_all(fd.get(), bytes));
  const InflateLimits limits{.budget = 8U << 20U,
                             .max_ratio = 1000,
                             .ratio_free = 1U << 20U,
                             .memory = 8U << 20U,
                             .max_layers = 3};
  auto opened = Inflate::open(fd.get(), limits);
  require(opened.has_value());
  Inflate& source = **opened;
  require((source.layers().empty()) == (compression_of(bytes) == Compression::none));

  // The size of the reads comes from the input as well, so that odd ones are tried.
  std::vector<unsigned char> part(1 + hash128(bytes).low % 70000);
  std::size_t given = 0;
  auto n = source.read(part);
  for (; n && *n > 0; n = source.read(part)) given += *n;
  if (!source.layers().empty()) require(given <= limits.budget);
  check_layers(source.layers(), size, given, n.has_value());

  Sha256 expected;
  expected.update(bytes);
  const auto sha256 = source.sha256();
  require(sha256 && *sha256 == expected.hex());
  require(source.bytes_read() == size);
  return 0;
}
