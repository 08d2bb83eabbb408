// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "sandbox/keeper.h"

namespace backproof {

// What becomes of the process that Keeper::start() forks: serves its worker on `control` until that
// is gone, then ends everything that it started, and itself. `is_init`: it is the first process of
// a namespace of its own. Has one thread and no descriptors but `control` and the standard ones.
[[noreturn]] void keep(const KeeperSetup& setup, Fd control, bool is_init);

}  // namespace backproof
