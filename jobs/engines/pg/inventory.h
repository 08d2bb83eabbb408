// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "db/pg_connection.h"
#include "engines/pg/dump.h"

namespace backproof {

// What a dump names, to be compared with the catalog of what was restored: a statement that is
// missing in the dump leaves its header comment or its line of the table of contents behind.
class PgInventory {
 public:
  // False for kinds that are passed over.
  bool add(const DumpEntry& entry);
  std::uint64_t size() const { return size_; }
  // What was named and is not in the catalog of this connection's database, as "INDEX
  // public.users_by_name". Objects of kinds that the catalog cannot be asked for by name are
  // passed over.
  Result<std::vector<std::string>> missing(pg::Connection& connection) const;
  // Ordinary tables that the dump makes without a word of their rows, where it has rows of others:
  // pg_dump names the rows of an empty table, too.
  Result<std::vector<std::string>> without_rows(pg::Connection& connection) const;

 private:
  using Name = std::pair<std::string, std::string>;  // schema, tag
  std::map<std::string, std::set<Name>> by_type_;
  std::uint64_t size_ = 0;
};

}  // namespace backproof
