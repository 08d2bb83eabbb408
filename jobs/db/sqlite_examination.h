// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/sqlite_database.h"

namespace backproof {

// Everything that SelfCheck asks of a SQLite file, with threads of its own, each on a connection
// of its own. The way:
//
//   quick_check of the whole file     structure, use of pages, record formats, types, constraints
//   a scan of each table              rows and their facts, and what each of its indexes must hold
//   a scan of each index              what it holds, in which order
//   SELECT DISTINCT of foreign keys   each different key once
//
// side by side. When all agree, that is the proof, and it read everything in order. Tables that a
// scan does not understand are checked by PRAGMA integrity_check(TABLE). When anything disagrees,
// the PRAGMAs are asked about the whole file, and what they say is the answer.
//
// `wanted` facts come from the scans, and where those cannot give them through SQL. Digests and
// newest times of a file that is not whole are left empty, and so is a digest that could not be
// made.
SelfCheck examine_sqlite(const Path& file, const SqliteSettings& settings,
                         const FactsWanted& wanted, const RunContext& context);

}  // namespace backproof
