// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "db/pg_connection.h"

namespace backproof {

// `error` is what this session met last, in a database whose locale need not be that of the dump's
// server. Where a row did not fit a partition whose bounds are in the order of text, the order can
// be why, which says nothing against the backup: the Error then has cause unproven.
Error in_some_order(pg::Connection& connection, const Error& error);

}  // namespace backproof
