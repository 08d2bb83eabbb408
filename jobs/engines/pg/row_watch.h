// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Looks at the rows of one COPY in the text format as they pass, and counts them. A server ends the
// COPY without a word at a row that ends with the mark of all rows' end (up to PostgreSQL 17), and
// takes lines for rows that end in another way than those before them when they reach another
// session: neither is left to it. Not for client encodings with a backslash as a second byte.
class PgRowWatch {
 public:
  // `rows` follow those of the call before, cut anywhere. Error: damaged, with the row's number.
  Result<void> see(ByteView rows);
  std::uint64_t rows() const { return rows_; }

 private:
  Result<void> see(unsigned char c);

  std::uint64_t rows_ = 0;
  bool escaped_ = false;  // what comes next is behind a backslash
  bool dot_ = false;      // behind a backslash and a dot
  bool return_ = false;   // behind a carriage return
  bool returns_ = false;  // rows end with one and a newline
};

}  // namespace backproof
