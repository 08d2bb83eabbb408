// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "history/history.h"
#include "model/memory.h"

namespace backproof {

// What a new run of the target is compared with. Nothing that cannot be read keeps a backup from
// being verified: it is logged, and the run knows of no earlier one.
Memory remember(const HistoryStore& history, const std::string& target);

}  // namespace backproof
