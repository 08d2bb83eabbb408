// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "db/database.h"
#include "db/pg_connection.h"

// What open_pg_database() asks one restored database.
namespace backproof::pg {

// A session for questions: reads only, and nothing that the database defines for sessions holds.
Result<Connection> open_for_questions(const std::string& conninfo, const std::string& database);

// In it no trigger fires where the user is a superuser, who alone may ask for that; of a server
// that is not ours the user can be another.
Result<Connection> open_without_triggers(const std::string& conninfo, const std::string& database,
                                         std::vector<std::string> settings);

struct Table {
  std::string oid, schema, name;
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
};
// Tables and materialized views of the user, partitions but not their parents, largest first.
Result<std::vector<Table>> user_tables(Connection& connection);
// Exact. `table` is from user_tables().
Result<std::uint64_t> count_rows(Connection& connection, const Table& table);

// Findings, each one line that names objects.
using Findings = std::vector<std::string>;
Result<Findings> unusable_indexes(Connection& connection);
Result<Findings> sequences_behind(Connection& connection);
// Whether every row of this foreign key has its parent, by an anti-join that may use parallel
// workers. An Error where that cannot be said, for instance where collations differ.
Result<bool> has_all_parents(Connection& connection, const std::string& oid);
// Foreign keys but those of these oids whose rows lack their parents.
Result<Findings> orphans(Connection& connection, const std::set<std::string>& proven);
// The rows of a question by a cursor, so that no more of them are held than it wants. A failure
// leaves the transaction open.
Result<Answer> ask(Connection& connection, const Question& question);
// amcheck of every B-tree with heapallindexed, on a session that may write; `done` says whether
// the extension was there for a superuser, which others may not use.
Result<Findings> amcheck(Connection& connection, bool& done);

}  // namespace backproof::pg
