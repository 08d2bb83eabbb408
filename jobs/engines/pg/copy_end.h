// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace backproof {

// Where the rows of a COPY ... FROM stdin block end: at a line that is nothing but a backslash and
// a dot, with \n or \r\n behind it.
class PgCopyEnd {
 public:
  struct Found {
    std::size_t rows = 0;    // so many bytes from the beginning are rows
    std::size_t behind = 0;  // the end and its line break, behind them
    bool end = false;
  };
  // `text` is what comes behind the bytes that earlier calls found to be rows. What is neither
  // rows nor the end needs more bytes to be told; with `last` there are none.
  Found find(std::string_view text, bool last);

 private:
  bool line_begins_ = true;
};

// So many '\n', at the speed of memory.
std::uint64_t count_lines(std::string_view text);

}  // namespace backproof
