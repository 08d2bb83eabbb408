// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/sqlite.h"
#include "db/sqlite_catalog.h"
#include "runner/damage/edits.h"

// What the damages of SQLite's files and dumps share.
namespace backproof::damage {

// A statement that makes one row of `table` refer to nothing by this foreign key. It changes no row
// where none refers to anything.
std::string orphan_sql(const SqliteTable& table, const SqliteForeignKey& key,
                       const SqliteCatalog& catalog);

// The first constraint in a CREATE TABLE that can go without a trace: NOT NULL, else a CHECK with
// its condition. Outside of quotes and comments; nothing where there is none.
std::optional<Edit> constraint_in(std::string_view create_table);

// Tables and rows of a database that has nothing to do with any backup.
inline constexpr std::string_view sqlite_other_sql =
    "CREATE TABLE backproof_other(id INTEGER PRIMARY KEY, name TEXT);\n"
    "INSERT INTO backproof_other VALUES(1,'one');\n"
    "INSERT INTO backproof_other VALUES(2,'two');\n"
    "INSERT INTO backproof_other VALUES(3,'three');\n";

}  // namespace backproof::damage
