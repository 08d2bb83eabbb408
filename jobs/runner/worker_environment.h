// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "base/file.h"

namespace backproof {

// The environment of a process that will read a backup: what programs need to run, and nothing that
// could be a secret.
std::map<std::string, std::string> worker_environment(const Path& sandbox);

}  // namespace backproof
