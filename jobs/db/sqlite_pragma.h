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

// The whole file by PRAGMA integrity_check or quick_check; at most 10,000 findings.
Result<FindingList> ask_integrity_check(sqlite::Connection& connection);
Result<FindingList> ask_quick_check(sqlite::Connection& connection);
// One table and its indexes; at most 100 findings.
Result<FindingList> ask_integrity_check(sqlite::Connection& connection, const std::string& table);

// The foreign keys of one table by PRAGMA foreign_key_check: one finding per key, with the number
// of rows.
Result<FindingList> ask_foreign_key_check(sqlite::Connection& connection, const SqliteTable& table);

}  // namespace backproof
