// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engines/pg/crew.h"
#include "engines/pg/dump.h"
#include "engines/pg/session.h"

namespace backproof {

// Indexes and constraints that stand next to each other in a dump do not depend on each other, so
// they are gathered and made side by side; foreign keys come last, are added NOT VALID, and
// validated side by side, where their table is large. Anything else that the dump says ends the
// stretch. One thread.
class PgPostData {
 public:
  // Takes a statement of an entry when it belongs to such a stretch; false: it is to be executed
  // in its place, after run(). `entry_number` tells one entry from the next.
  bool gather(const DumpEntry& entry, std::uint64_t entry_number, std::string_view sql,
              const DumpPlace& at);
  bool empty() const { return items_.empty(); }
  // Oids of the foreign keys that the server has validated since the last call of forget().
  const std::set<std::string>& proven() const { return proven_; }
  // Rows were added: what was proven is not any more.
  void forget() { proven_.clear(); }
  // Makes everything that was gathered.
  Result<void> run(PgCrew& crew, PgSession& session);

 private:
  struct Item {
    DumpEntry entry;
    std::uint64_t entry_number = 0;
    DumpPlace at;
    std::vector<std::string> statements;
    std::string table;  // as written; empty for comments
    bool alone = false;
  };
  Result<void> add_foreign_keys(PgCrew& crew, PgSession& session);

  std::vector<Item> items_;  // in the dump's order
  std::set<std::string> proven_;
};

}  // namespace backproof
