// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "db/sqlite_pragma.h"

namespace backproof {

// True when every row of `table` has its parents, found out by reading each different key once
// from an index of the table. Only for a database whose indexes and types are right, which may be
// shown later; false says nothing.
bool prove_foreign_keys(sqlite::Connection& connection, const SqliteCatalog& catalog,
                        const SqliteTable& table);

}  // namespace backproof
