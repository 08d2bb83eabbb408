// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace backproof {

// Whether an Accept-Encoding header allows gzip: named, or meant by "*", with a weight above zero
// (RFC 9110, section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

// One gzip member of what is added, in parts of less than 4 GiB. Fast rather than small: a page of
// metrics shrinks tenfold anyway. Throws when the library fails.
class GzipWriter {
 public:
  GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;
  ~GzipWriter();

  void add(std::string_view bytes);
  std::string finish();  // once, last

 private:
  struct State;
  void deflate();
  std::unique_ptr<State> state_;
};

// All at once.
std::string gzip(std::string_view bytes);

}  // namespace backproof
