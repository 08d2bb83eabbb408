// SPDX-License-Identifier: Apache-2.0
#include "exporter/gzip.h"

#include <zlib.h>

#include <new>
#include <stdexcept>

#include "base/text.h"

namespace backproof {
namespace {

// "q=0", "q=0.000" and everything that is no weight mean no.
bool has_weight(std::string_view parameters) {
  for (std::string_view parameter : text::split(parameters, ';')) {
    parameter = text::trim(parameter);
    if (parameter.empty()) continue;
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) return false;
    const std::string_view weight = parameter.substr(2);
    if (weight.empty() || weight.find_first_not_of("0123456789.") != std::string_view::npos ||
        weight.find_first_of("123456789") == std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  const std::string lower = text::lower(accept_encoding);
  bool any = false;
  for (const std::string_view item : text::split(lower, ',')) {
    const auto semicolon = item.find(';');
    const std::string_view coding = text::trim(item.substr(0, semicolon));
    const bool wanted = has_weight(
        semicolon == std::string_view::npos ? std::string_view() : item.substr(semicolon + 1));
    if (coding == "gzip" || coding == "x-gzip") return wanted;
    if (coding == "*") any = wanted;
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
