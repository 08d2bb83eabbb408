// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "db/pg_connection.h"
#include "engines/pg/binary_value.h"

namespace backproof {

// The types of these columns of a table, in this order. None when one of them has no binary form
// that we know.
Result<std::vector<PgBinaryType>> binary_columns(pg::Connection& connection,
                                                 const std::string& table_oid,
                                                 const std::vector<std::string>& columns);

}  // namespace backproof
