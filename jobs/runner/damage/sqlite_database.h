// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/damage/edits.h"

namespace backproof::damage {

// Damages a database file where it lies; a log or journal beside it, named as SQLite names them, is
// taken into it first. An Error of cause none says why nothing was done. SQLite opens the file and
// may write beside it: only for a jailed process, on a copy.
Result<void> damage_sqlite_database(DamageKind kind, const Path& file, Dice& dice);

}  // namespace backproof::damage
