// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sqlite.h"
#include "model/run.h"

// How a run lies in its table, and how it comes back.
namespace backproof::history {

// A new, unfinished run of that owner. One of that id that is already there is an Error.
Result<void> insert_unfinished(sqlite::Connection& db, const Run& run, std::string_view owner);
// The run as finished, with the next number, whether it was begun here, never, or closed meanwhile
// by close(). False: it was finished before, and nothing changed.
Result<bool> complete(sqlite::Connection& db, const Run& run);
// An unfinished run as what is known of it in its process's absence. It keeps its number and its
// owner, so that complete() can still replace it.
Result<void> close(sqlite::Connection& db, const Run& run);

// The runs of a statement whose first column is the document, to its end.
Result<std::vector<Run>> runs_of(sqlite::Statement& statement, bool with_log);

// When the target was first seen; nothing when it never was.
Result<std::optional<TimePoint>> first_sighting(sqlite::Connection& db, const std::string& target);

std::int64_t microseconds(TimePoint t);

}  // namespace backproof::history
