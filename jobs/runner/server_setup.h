// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/target.h"
#include "sandbox/keeper.h"

namespace backproof {

// What the keeper of a run's server is told. Before the jail closes: reads the password for a
// server that the target names, and copies TLS's files into the sandbox. Errors: fetch.
Result<KeeperSetup> keeper_setup(const Job& job, std::uintmax_t budget);

// After the checks: where one had no answer because the server ended meanwhile, that is the reason.
// `keeper` may be null.
Result<void> server_has_answered(Keeper* keeper, const std::vector<CheckResult>& checks);

// The name of the database that a run makes on a server which the target names: nobody else's,
// since it has 64 random bits.
std::string database_for(const std::string& run_id);

// The supervisor, after the worker's end: drops the run's database from the server that the target
// names, if it is there and the run has made it. What a person must know of databases that stay
// there, this run's or others', and of a server that could not be asked. Nothing where the target
// names no server.
std::vector<std::string> clear_named_server(const Job& job);

}  // namespace backproof
