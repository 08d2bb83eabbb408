// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

// A new file in the place of a damaged history, without a moment at which a kill could leave a mix
// of the two: a write-ahead log of the one beside the other would be applied to it.
//
// HISTORY.repaired-NAME, a whole history in one file, is the promise: once it is there the rest is
// done by whoever comes next, however often it is killed.
namespace backproof::history {

// Where the damaged file goes, with its -wal and -shm: HISTORY.damaged-NAME.
Path damaged_path(const Path& history, std::string_view name);

// Takes `fresh`, which lies in the same folder and is on the disk, for the history at `history`.
// The caller holds the folder's lock (history/schema.h).
Result<void> replace_history(const Path& history, const Path& fresh, const std::string& name);

// Does what is left of a replacement that was killed; nothing where there is none. As above for the
// caller.
Result<void> finish_replacement(const Path& history);

}  // namespace backproof::history
