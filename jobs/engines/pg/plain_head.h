// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engines/pg/dump.h"
#include "engines/pg/plain_comments.h"
#include "engines/pg/sql_statements.h"

namespace backproof {

// Stands before a DumpSink and gives it the header of a dump before all else: what a plain dump
// says of itself stands in comments, settings and, where it makes its database, in a statement, so
// these wait until the rest begins.
class PlainHead {
 public:
  explicit PlainHead(DumpSink& sink) : sink_(sink) {}

  // A dump begins here.
  Result<void> begin();
  // A version or a time; where no head is open it says nothing.
  void fact(const PlainComment& comment);
  Result<void> entry(const DumpEntry& entry);
  Result<void> statement(std::string_view sql, StatementKind kind, const DumpPlace& at);
  Result<void> connect(const std::string& database, const DumpPlace& at);
  // Nothing more belongs to the head: COPY, or the end of a dump.
  Result<void> close();

 private:
  struct Statement {
    std::string sql;
    DumpPlace at;
  };

  DumpSink& sink_;
  DumpHeader header_;
  bool open_ = true;
  std::vector<std::variant<DumpEntry, Statement>> waiting_;
  std::size_t waiting_bytes_ = 0;
  bool begun_ = false;  // something was said
};

}  // namespace backproof
