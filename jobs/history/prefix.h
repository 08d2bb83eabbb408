// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/sqlite.h"

namespace backproof::history {

// The rows of a table (runs, drills) whose id begins with a prefix: how many, and the document of
// the first. A whole id is unique, even where longer ones begin with it.
struct Matches {
  std::int64_t rows = 0;
  std::string first;
};
Result<Matches> beginning_with(sqlite::Connection& db, std::string_view table,
                               const std::string& prefix);

// An Error that says how many there are where one was asked for. It is none of the history.
Result<void> at_most_one(const Matches& found, std::string_view table, std::string_view prefix);

}  // namespace backproof::history
