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

// A run of another file, under that file's number, which is its place in the order; `owner` empty:
// none. One that is already there stays, but for an unfinished one of a finished run.
Result<void> put_run(sqlite::Connection& db, const Run& run, std::int64_t seq,
                     std::string_view owner);

// The runs of a statement whose first column is the document, to its end; without their logs.
Result<std::vector<Run>> runs_of(sqlite::Statement& statement);
// The log of a run; empty where none is kept.
Result<std::vector<LogLine>> log_of(sqlite::Connection& db, const std::string& id);

// When the target was first seen; nothing when it never was.
Result<std::optional<TimePoint>> first_sighting(sqlite::Connection& db, const std::string& target);

std::int64_t microseconds(TimePoint t);

}  // namespace backproof::history
