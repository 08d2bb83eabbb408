// SPDX-License-Identifier: Apache-2.0
#include "exporter/gzip.h"

#include <zlib.h>

#include <new>
#include <stdexcept>

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
  z_stream stream{};
  constexpr int window_bits_for_gzip = 15 + 16;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits_for_gzip, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib never writes to its input, its C type only does not say so.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int code = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (code != Z_STREAM_END) throw std::runtime_error("gzip did not end");
  return out;
}

}  // namespace backproof
