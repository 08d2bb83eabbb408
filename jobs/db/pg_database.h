// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/database.h"

namespace backproof {

// One restored database and what its loader knows of it.
struct PgRestored {
  std::string name;
  std::map<std::string, std::uint64_t> rows;  // given by COPY to a table, by its oid
  std::set<std::string> proven_foreign_keys;  // oids: validated by the server after the last row
};

struct PgSettings {
  std::size_t sessions = 2;  // that ask at the same time
  // Databases up to so many bytes are examined by amcheck with heapallindexed; 0 = none.
  std::uintmax_t amcheck_up_to = 128U << 20U;
  std::size_t max_findings = 100;  // listed of each examination; the rest is counted
};

// Restored databases of one server, asked as one: with more than one, a table's schema is given as
// "database.schema". Sessions are new ones, with settings that neither a database nor a role
// changes. self_check() uses threads of its own while it runs. ask() asks in a
// transaction that only reads.
//
// The integrity examination: every index valid and ready, every row that COPY gave is counted, no
// sequence is about to give a value that a unique column holds already, and amcheck
// (https://www.postgresql.org/docs/current/amcheck.html) where it is installed. Foreign keys that
// the server has not validated are proven by an anti-join.
Result<std::unique_ptr<Database>> open_pg_database(const std::string& conninfo,
                                                   std::vector<PgRestored> restored,
                                                   const PgSettings& settings);

// What a person should know of a restored database though it is no fault of the backup: unlogged
// tables, materialized views without content, columns of large objects that are not there, tables
// with row level security. One line each, objects only.
Result<std::vector<std::string>> observe_pg_database(const std::string& conninfo,
                                                     const std::string& database);

}  // namespace backproof
