// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/run.h"

namespace backproof {

// What a restored database found out about itself. A finding is a value; only our own trouble is
// an Error, and it sits beside the answers that could be given.
struct Examined {
  std::vector<std::string> findings;  // every one, in SQLite's or PostgreSQL's words, no row values
  std::uint64_t more = 0;             // findings beyond the cap that are only counted
  std::string how;                    // by what it was proven: "proof", "integrity_check"
};
struct SelfCheck {
  Result<Examined> integrity =
      Error{Cause::internal, "not examined", ""};  // pages, records, indexes
  Result<Examined> foreign_keys =
      Error{Cause::internal, "not examined", ""};  // rows without parent
  Result<std::vector<TableFact>> tables =
      Error{Cause::internal, "not counted", ""};  // exact counts
};

// A restored database inside the sandbox that one may question. Hostile content: nothing in it is
// trusted, no function or trigger of it may do harm, values of rows stay inside. One thread.
class Database {
 public:
  virtual ~Database() = default;
  // Asks everything at once, because the scans are shared; the answer is kept.
  virtual const SelfCheck& self_check(const RunContext& context) = 0;
  // One value by a read-only query of ours or of the user's configuration.
  virtual Result<std::string> scalar(std::string_view sql, const RunContext& context) = 0;
};

}  // namespace backproof
