// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Opens `name` below an open folder and never anything outside of it, whoever may write there at
// the same time. Symlinks are followed as long as they end inside; `folder_path` is where the
// folder lies, to judge those with absolute targets. `flags` as for open(2), O_CLOEXEC is added.
// Errors have cause fetch; one says "points out of the folder".
//
// Source: openat2(2), RESOLVE_BENEATH; kernels and jails without it get the same by walking.
Result<Fd> open_beneath(int folder, const Path& folder_path, const Path& name, int flags);

// The same without following any symlink at all.
Result<Fd> open_beneath_nofollow(int folder, const Path& name, int flags);

}  // namespace backproof
