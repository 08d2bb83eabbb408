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

struct GzipWriter::State {
  isal_zstream stream{};
  std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
  std::string out;
};

GzipWriter::GzipWriter() : state_(std::make_unique<State>()) {
  isal_zstream& stream = state_->stream;
  isal_deflate_init(&stream);
  stream.level = 1;
  stream.level_buf = state_->level_buffer.data();
  stream.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
  stream.gzip_flag = IGZIP_GZIP;
}

GzipWriter::~GzipWriter() = default;

void GzipWriter::add(std::string_view bytes) {
  // ISA-L counts in 32 bits.
  if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("gzip");
  // The library never writes to its input, its C type only does not say so.
  state_->stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
  state_->stream.avail_in = static_cast<std::uint32_t>(bytes.size());
  deflate();
}

std::string GzipWriter::finish() {
  state_->stream.end_of_stream = 1;
  deflate();
  return std::move(state_->out);
}

// Until all that was added is taken, and at the end until all is out.
void GzipWriter::deflate() {
  isal_zstream& stream = state_->stream;
  std::string& out = state_->out;
  const auto is_done = [&] {
    return stream.end_of_stream != 0 ? stream.internal_state.state == ZSTATE_END
                                     : stream.avail_in == 0;
  };
  while (!is_done()) {
    const std::size_t had = out.size();
    out.resize(had + stream.avail_in / 8 + 4096);
    stream.next_out = reinterpret_cast<std::uint8_t*>(out.data() + had);
    stream.avail_out = static_cast<std::uint32_t>(out.size() - had);
    if (isal_deflate(&stream) != COMP_OK) throw std::runtime_error("gzip did not end");
    out.resize(out.size() - stream.avail_out);
  }
}

std::string gzip(std::string_view bytes) {
  GzipWriter writer;
  writer.add(bytes);
  return writer.finish();
}

}  // namespace backproof
