// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "db/database.h"
#include "sandbox/keeper.h"

// For a database that somebody else restores into a server of the sandbox. The worker's side.
namespace backproof {

// Starts the newest installed server, with an empty database in it; the database's name.
Result<std::string> start_empty_server(Keeper& keeper);

// Opens what was restored there, to be questioned.
Result<std::unique_ptr<Database>> open_restored(Keeper& keeper, const std::string& database);

}  // namespace backproof
