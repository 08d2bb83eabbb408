// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/pg_connection.h"
#include "engines/pg/binary_value.h"

namespace backproof {

// The types of the columns that COPY table (column, ...) names, in its order. None when one of
// them has no binary form that we know, or when bytes of the client's encoding could be taken for
// what separates fields.
Result<std::vector<PgBinaryType>> binary_columns(pg::Connection& connection,
                                                 const std::string& table_oid,
                                                 std::string_view copy_sql);

}  // namespace backproof
