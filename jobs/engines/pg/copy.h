// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "engines/pg/binary_value.h"
#include "engines/pg/crew.h"
#include "engines/pg/dump.h"

namespace backproof {

// The rows of one COPY on their way into the server. They are dealt out at row ends to as many
// sessions of the crew as can be kept busy; a row of any length passes through, and at most a few
// pieces of 256 KiB wait for each session. Rows of large tables reach the server in its binary
// format, up to the first that is written in another way than the server would write it. Used by
// one thread.
class PgCopy {
 public:
  struct Target {
    std::string sql;          // COPY ... FROM stdin
    std::string table;        // as the statement names it
    std::string oid;          // of the table; empty where it is not known
    bool divisible = false;   // several sessions may fill it at the same time
    bool knows_order = true;  // text is in the order that it had on the dump's server
    // Called once and before any row is handed over, when there is more than one piece. Gives the
    // types of the columns, when they all have a binary form; none otherwise.
    std::function<Result<std::vector<PgBinaryType>>()> grown;
  };
  // How many rows of which table the server took, which may leave some out by itself (triggers,
  // rules); called for tables that are not divisible only.
  using Taken = std::function<void(const std::string& oid, std::uint64_t rows)>;

  PgCopy(PgCrew& crew, Target target, DumpPlace at, Taken taken);
  ~PgCopy();

  Result<void> rows(ByteView rows);
  // All rows were given. Does not wait for the server: errors are the crew's.
  Result<void> end();

 private:
  struct Lane;
  Result<void> hand_over(std::size_t bytes, bool ends_row);
  void choose_lane();
  void open_lane();
  void finish_lanes();

  PgCrew& crew_;
  Target target_;
  std::vector<PgBinaryType> types_;  // what grown() gave
  DumpPlace at_;
  std::shared_ptr<const Taken> taken_;
  std::vector<unsigned char> gathered_;
  std::vector<std::shared_ptr<Lane>> lanes_;
  std::size_t current_ = 0;  // of lanes_, while a row is unfinished
  bool in_row_ = false;      // the last piece ended inside a row
};

}  // namespace backproof
