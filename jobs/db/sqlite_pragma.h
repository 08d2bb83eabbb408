// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/sqlite.h"
#include "db/sqlite_catalog.h"

// SQLite's own checks as lists of findings: https://sqlite.org/pragma.html. What SQLite reports of
// the file, errors like SQLITE_CORRUPT included, is a finding; only own trouble is an Error.
// Findings hold names and numbers of pages and rows, never values.
namespace backproof {

using FindingList = std::vector<std::string>;

// The whole file by PRAGMA integrity_check or quick_check; at most 10,000 findings. Without those
// that are SQLite's own mistake (sqlite_confirm.h), however many they are.
Result<FindingList> ask_integrity_check(sqlite::Connection& connection,
                                        const SqliteCatalog& catalog);
Result<FindingList> ask_quick_check(sqlite::Connection& connection, const SqliteCatalog& catalog);
// One table of the catalog and its indexes.
Result<FindingList> ask_integrity_check(sqlite::Connection& connection,
                                        const SqliteCatalog& catalog, const SqliteTable& table);

// The foreign keys of one table by PRAGMA foreign_key_check: one finding per key, with the number
// of rows.
Result<FindingList> ask_foreign_key_check(sqlite::Connection& connection, const SqliteTable& table);

}  // namespace backproof
