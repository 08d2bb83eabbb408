// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/sqlite_zoo.h"
#include "support/support.h"

namespace backproof::test {

// Each damages a database in one of many ways, decided by `random`, and says how in words. The
// database may still be fine afterwards: the damage may have hit what nobody reads.

// Somewhere in the file: bits, bytes, pages, the header, the length.
std::string damage_bytes(std::string& database, Random& random);
// Inside the cells of b-tree pages: their content, order and number.
std::string damage_cells(std::string& database, Random& random);
// Without any wrong page: indexes out of step with their table, definitions that do not fit what
// is stored, rows without parents.
std::string damage_logic(const Path& file, Random& random);

}  // namespace backproof::test
