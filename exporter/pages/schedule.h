// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/pages/layout.h"

namespace backproof::pages {

// "/schedule": what runs, what waits, what is due when, and what was missed. Pure.
Response schedule(const View& view);

}  // namespace backproof::pages
