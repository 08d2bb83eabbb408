// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/sqlite.h"
#include "model/drill.h"

// How drills lie in their table, and how they come back.
namespace backproof::history {

// The last of the target that passed or failed; one that could not be done answers nothing.
Result<std::optional<Drill>> last_drill(sqlite::Connection& db, const std::string& target);
// The last finished one, whatever came of it.
Result<std::optional<Drill>> last_drill_ended(sqlite::Connection& db, const std::string& target);

// Since when drills of the target are scheduled; 1970 = they are not.
Result<TimePoint> drill_since(sqlite::Connection& db, const std::string& target);

// Closes what is unfinished of owners that are gone as inconclusive: interrupted, and counts it.
// How many. The caller commits.
Result<std::uint64_t> close_drills(sqlite::Connection& db,
                                   const std::function<bool(std::string_view owner)>& is_gone);

}  // namespace backproof::history
