// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "drill/drill.h"

namespace backproof::drill {

struct TakenBackup {
  Backup backup;  // its path is where it lies
  Spec source;    // that lists it; kind empty: none does
  std::string note;
  std::string warning;  // empty: none
};
using Taken = std::variant<TakenBackup, DrillError>;

// Stage backup: takes one in the target's own way and finds it, dated by the best evidence, at the
// target's source. What was there before, or is older than its own making, is none.
Taken take_backup_of(const Order& order, const Tools& tools, const Clock& clock,
                     const std::stop_token& stop);

// The newest in order.copy: a file, or a folder of backups.
Taken find_copy(const Order& order, const Tools& tools);

// The newest of the source's backups that was made before this one; nothing where there is none.
std::optional<Backup> earlier_backup(const Order& order, const Tools& tools, const Backup& than);

}  // namespace backproof::drill
