// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engines/pg/dump.h"
#include "engines/pg/sql_scanner.h"

namespace backproof {

// Hands SQL over to a sink one statement at a time, without the comments in front of each.
class ArchiveStatements {
 public:
  explicit ArchiveStatements(DumpSink& sink) : sink_(sink) {}

  // What the archive says of its strings: SET standard_conforming_strings and client_encoding.
  void set_strings(bool standard, std::string_view encoding);

  // All of it; what has no semicolon at its end is a statement too.
  Result<void> all_of(std::string_view sql, const DumpPlace& at);
  // The same for SQL that comes in pieces: an error (space) where one statement needs more than 64
  // MiB. `ended`: there will not be more.
  Result<void> more_of(ByteView piece, bool ended, const DumpPlace& at);

 private:
  Result<std::size_t> statements(std::string_view sql, bool ended, const DumpPlace& at);

  DumpSink& sink_;
  PgSqlScanner scanner_;
  std::string pending_;        // of more_of(): what no statement's end was found in
  bool in_statement_ = false;  // the scanner has seen the beginning of what is pending
};

}  // namespace backproof
