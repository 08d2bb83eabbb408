// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/manual/syntax.h"

namespace backproof::manual {

// What a shell sources to complete the program's commands, options and their values.
std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);

}  // namespace backproof::manual
