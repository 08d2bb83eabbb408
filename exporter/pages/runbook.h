// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/pages/layout.h"

namespace backproof::pages {

// "/runbooks/": what there is for the one who was called.
Response runbooks(const View& view);

// "/runbooks/NAME": alerts/runbooks/NAME.md as it was when the program was built; 404 when there is
// none.
Response runbook(const View& view, const std::string& name);

}  // namespace backproof::pages
