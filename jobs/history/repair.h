// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"
#include "history/salvage.h"

namespace backproof::history {

struct Repair {
  std::string damage;  // what was wrong
  Path aside;          // where the damaged file is now, with its -wal and -shm
  SalvageReport report;
};

// Puts a new history of all that can still be read in the place of a damaged one, which is kept
// beside it under another name. Nothing where the history is whole: then nothing changed.
//
// Killed at any moment it leaves the old files as they were, or the new one
// (history/replacement.h). An Error, and no change, where the history is missing, in use by a run,
// of a newer version or of another program, or where nothing can be recovered. The caller sees to
// it that no service has it, and that this is the only repair of it.
Result<std::optional<Repair>> repair(const Path& file, TimePoint now);

}  // namespace backproof::history
