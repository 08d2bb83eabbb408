// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/file.h"
#include "model/options.h"

namespace backproof {

// The keys `environment` and `secrets` of what runs a command (sandbox/configured_command.h): names
// of variables with their values, and with the files that hold their values. Values are never part
// of a problem.
std::map<std::string, std::string> read_environment(Options& options);
std::map<std::string, Path> read_secrets(Options& options);

}  // namespace backproof
