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

// What is in force in sessions that read, whatever roles and databases say: they only read, wait
// for nothing, and give values the text that db/row_text.h has.
const std::vector<std::string>& reading_settings();
// To be called after opening a session with them: a database without an encoding gives out its
// bytes as they are.
Result<void> settle_encoding(Connection& connection);

// A session for questions to a restored database.
Result<Connection> open_for_questions(const std::string& conninfo, const std::string& database);

// In it no trigger fires where the user is a superuser, who alone may ask for that; of a server
// that is not ours the user can be another.
Result<Connection> open_without_triggers(const std::string& conninfo, const std::string& database,
                                         std::vector<std::string> settings);

// Findings, each one line that names objects.
using Findings = std::vector<std::string>;
Result<Findings> unusable_indexes(Connection& connection);
Result<Findings> sequences_behind(Connection& connection);
// Whether every row of this foreign key has its parent, by an anti-join that may use parallel
// workers. An Error where that cannot be said, for instance where collations differ.
Result<bool> has_all_parents(Connection& connection, const std::string& oid);
// Foreign keys but those of these oids whose rows lack their parents.
Result<Findings> orphans(Connection& connection, const std::set<std::string>& proven);
// What the last call failed with while it read: damage that the server met, what cause.def says of
// its own troubles, and `otherwise` for whatever else; an `error` that is not the server's as it
// is.
Error reading_error(const Connection& connection, const Error& error, Cause otherwise);
// The rows of a question by a cursor, so that no more of them are held than it wants. In a
// transaction, or in a savepoint of one, which the caller ends: both what is set and the cursor
// stay.
Result<Answer> ask(Connection& connection, const Question& question);
// amcheck of every B-tree with heapallindexed, on a session that may write; `done` says whether
// the extension was there for a superuser, which others may not use.
Result<Findings> amcheck(Connection& connection, bool& done);

}  // namespace backproof::pg
