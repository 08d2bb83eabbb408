// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "history/history.h"
#include "model/memory.h"

namespace backproof {

// What a new run of the target is compared with: earlier passes of other backups that were made
// before this one, by when they were made, because a policy may have old backups verified after new
// ones. One verified several times counts once. Nothing that cannot be read keeps a backup from
// being verified: it is logged, and the run knows of no earlier one.
Memory remember(const HistoryStore& history, const std::string& target, const Backup& backup);

}  // namespace backproof
