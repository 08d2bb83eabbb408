// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engines/pg/loader.h"
#include "support/pg.h"

namespace backproof::test {

// Restores plain dumps and archives in one file, one after the other, with the loader under test
// into a database that it makes.
Result<PgLoaded> load_dumps(const PgTestServer& server, const std::string& database,
                            const std::vector<Path>& files);

// With subscriptions that are in it; their slots stay.
void drop_pg_database(const PgTestServer& server, const std::string& database);

}  // namespace backproof::test
