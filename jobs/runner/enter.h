// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "model/target.h"
#include "sandbox/jail.h"
#include "sandbox/keeper.h"
#include "sandbox/sandbox.h"

namespace backproof {

// Gives this process the surroundings of a verification (temporary files inside the sandbox, no
// death by a full quota, a bound for SQLite's memory) and enters the jail: with a keeper, that of a
// client of its server.
Result<JailProof> close_the_door(const Sandbox& sandbox, const Limits& limits, Keeper* keeper);

// "full (exec, network, ...)" or "partial; not held: write outside".
std::string describe(const JailProof& proof);

}  // namespace backproof
