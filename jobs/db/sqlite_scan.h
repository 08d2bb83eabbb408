// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "db/sqlite_row_facts.h"

// The two sides of the proof that an index is right: what the table says its entries must be, and
// what they are. The table's side also gives the facts of its rows, because it reads them anyway.
namespace backproof {

enum class ScanOutcome {
  proven,      // read to its end, everything as it must be
  unprovable,  // not understood by this way of reading: SQLite has to be asked
  suspicious,  // something is not as it must be
};

// What a table says: for each of its indexes (in their order) the sum of the entries it must have.
struct TableSide {
  ScanOutcome outcome = ScanOutcome::unprovable;
  std::uint64_t rows = 0;
  std::vector<RowSum> expected;
  RowFacts facts;  // also where `expected` is unprovable
};

// What an index holds.
struct IndexSide {
  ScanOutcome outcome = ScanOutcome::unprovable;
  RowSum found;
  bool has_extra_fields = false;  // an entry has more fields than the index has columns
};

// True when entries of this index can be ordered without SQLite's help.
bool is_scannable(const SqliteCatalog& catalog, const SqliteIndex& index);

// Reads every entry of an index from its b-tree: well formed, strictly in order under collations
// and directions, without duplicates where it is unique (NULLs are distinct). Entries of the
// primary key of a WITHOUT ROWID table are its rows: only their order is looked at.
IndexSide scan_index(const Pages& pages, const SqliteTable& table, const SqliteIndex& index,
                     PageMeter& meter);

// Reads every row of a table from its b-tree. Unprovable where an index needs more than stored
// columns: expressions, predicates, defaults of columns that were added later.
TableSide scan_table(const Pages& pages, const SqliteTable& table, TextEncoding encoding,
                     const FactsWanted& wanted, PageMeter& meter);

// The same by SQL, for tables that scan_table() leaves: SQLite computes, one pass, table only.
TableSide scan_table_by_sql(sqlite::Connection& connection, const SqliteTable& table,
                            bool is_utf16);

}  // namespace backproof
