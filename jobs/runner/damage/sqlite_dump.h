// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "runner/damage/edits.h"

namespace backproof::damage {

// Edits that damage a dump of the sqlite3 shell. An Error of cause none says why there are none.
// Its CREATE TABLE statements are given to SQLite in memory: only for a jailed process.
Result<Edits> damage_sqlite_dump(DamageKind kind, std::string_view dump, Dice& dice);

}  // namespace backproof::damage
