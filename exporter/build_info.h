// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/snapshot.h"

namespace backproof {

// What this program was built from; branch and revision are empty when it was not built from a
// checkout.
BuildInfo build_info();

}  // namespace backproof
