// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "model/look.h"
#include "model/target.h"

namespace backproof {

// When a backup was made stands in its bytes, and those are hostile: a process that is in no jail
// may neither decompress nor parse them. So a short-lived process per backup opens it, enters the
// same jail as a verification, reads the first 64 KiB behind all compression and the manifest
// beside it, and says at most two times. One a backup, not one for all: whoever takes such a
// process over by its bytes can lie about his own backup, which he could have dated as he likes
// anyway, and about no other. A look
// takes a hundredth of a second, so what was seen is kept in the history and asked once a file.

// Parent: starts PROGRAM look and believes nothing but that it ended and what fits: within
// seconds, a few hundred bytes, times between 1990 and 2100. Blocks. An Error where others could
// not be looked at either; what is wrong with this one backup is in Look::trouble.
Result<Look> look_at(const Target& target, const Backup& backup, const Path& program,
                     const Path& scratch, TimePoint now);

// The same by this very program, with the rest bound.
std::function<Result<Look>(const Target&, const Backup&)> looker_in(Path scratch);

// Child: reads a Job with `chosen` from stdin, looks, and answers in lines on stdout:
//   content AT EARLIEST LATEST   in microseconds since 1970
//   manifest AT
//   trouble TEXT                 this backup could not be looked at
//   jail TEXT                    none could
//   end
// The exit code of the process.
int look_main();

}  // namespace backproof
