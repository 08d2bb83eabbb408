// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/file.h"

namespace backproof {

// Kills what the jail of a server in `sandbox` may have left where there are no process namespaces,
// and waits until it is gone: processes that work in a folder of the sandbox and can gain no
// privileges, both of which no process in that jail can change. Never this process. How many.
std::uint64_t kill_stragglers(const Path& sandbox);

}  // namespace backproof
