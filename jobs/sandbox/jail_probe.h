// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sandbox/jail.h"

namespace backproof {

// Tries from inside what the jail of these rules must refuse, in ways that do no harm where it is
// not refused, and whether the sandbox can be worked in. `isolation` is full only when everything
// held, none when `closed` is false: neither Landlock nor seccomp is there.
Result<JailProof> probe_jail(const JailRules& rules, bool closed);

}  // namespace backproof
