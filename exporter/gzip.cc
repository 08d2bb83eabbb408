// SPDX-License-Identifier: Apache-2.0
#include "exporter/gzip.h"

#include <isa-l/igzip_lib.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "exporter/accept.h"

namespace backproof {

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  for (const Accepted& coding : parse_accept(accept_encoding)) {
    const bool wanted = coding.weight > 0 && coding.parameters.empty();
    if (coding.name == "gzip" || coding.name == "x-gzip") return wanted;
    if (coding.name == "*") any = wanted;
  }
  return any;
}

std::string gzip(std::string_view bytes) {
  // ISA-L counts in 32 bits, and a page is a few MB.
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("gzip");
  std::vector<std::uint8_t> level_buffer(ISAL_DEF_LVL1_DEFAULT);
  isal_zstream stream{};
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = level_buffer.data();
  stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream.gzip_flag = IGZIP_GZIP;
  stream.end_of_stream = 1;
  // The library never writes to its input, its C type only does not say so.
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  std::string out;
  while (stream.internal_state.state != ZSTATE_END) {
    const std::size_t had = out.size();
    out.resize(had + bytes.size() / 8 + 4096);
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + had);
    stream.avail_out = static_cast<std::uint32_t>(out.size() - had);
    if (isal_deflate(&stream) != COMP_OK) throw std::runtime_error("gzip did not end");
    out.resize(out.size() - stream.avail_out);
  }
  return out;
}

}  // namespace backproof
