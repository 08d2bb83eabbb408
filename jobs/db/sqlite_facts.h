// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "db/database.h"
#include "db/sqlite_row_facts.h"

// The facts of tables by SQL alone, which every SQLite database answers in the same way.
namespace backproof {

// Of all tables of the main database, as self_check() of a restored one names them and with the
// same values (`bytes` are not known), by reading each once. It reads in the transaction that the
// connection is in, else in one of its own that it ends; it writes nothing, also no temporary file.
// A value is in memory as a whole while it is read. Tables whose module is missing, and full-text
// tables without content, are left out; an Error (without row values) when any other cannot be
// read.
Result<std::vector<TableFact>> sqlite_facts(sqlite::Connection& connection,
                                            const FactsWanted& wanted);

// Of one table, never through an index.
Result<RowFacts> read_row_facts(sqlite::Connection& connection, const SqliteTable& table,
                                const FactsWanted& wanted);

// Raises facts.newest to the times in facts.unread.
Result<void> read_unread_times(sqlite::Connection& connection, const SqliteTable& table,
                               const FactsWanted& wanted, RowFacts& facts);

// Whether a table is one of those that facts are told of: what SQLite and virtual tables keep for
// themselves is there even when there is nothing in it.
bool has_facts(const SqliteTable& table);
// As they are told.
TableFact fact_of(const SqliteTable& table, const RowFacts& facts);

}  // namespace backproof
