// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "runner/damage/edits.h"

namespace backproof::damage {

// Edits that damage a plain dump of pg_dump. An Error of cause none says why there are none.
Result<Edits> damage_pg_plain(DamageKind kind, std::string_view dump, Dice& dice);

}  // namespace backproof::damage
