// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"

namespace backproof {

// The file server's share that holds this folder, by the names in /proc/self/mountinfo (proc(5)):
// asking the folder itself could hang. Empty: it is on a disk of this host.
Path share_of(const Path& folder, std::string_view mountinfo);

}  // namespace backproof
