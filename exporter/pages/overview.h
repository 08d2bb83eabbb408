// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/pages/layout.h"

namespace backproof::pages {

// "/": can we restore? One row a target, worst first. Pure.
Response overview(const View& view);

}  // namespace backproof::pages
