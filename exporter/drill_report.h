// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "model/drill.h"

namespace backproof {

// A drill for a terminal: what it measured against its objectives, its stages, and what it did not
// try. Lines end with a newline; nothing in it can move the cursor.
std::string drill_report_text(const Drill& drill);

}  // namespace backproof
