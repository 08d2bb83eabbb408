// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sqlite.h"

namespace backproof {

// The largest value or row that a restore takes: it stands in memory several times over.
constexpr int longest_value = 48 << 20;

// A connection that writes what hostile content says: one database, no extensions, no trust in
// functions that a schema calls, no value beyond `longest_value`.
Result<sqlite::Connection> open_for_restoring(const Path& file);

}  // namespace backproof
