// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "model/options.h"

namespace backproof {

// TOML text as a neutral table that remembers the line of every key; the only place that knows
// the TOML library. A syntax error is one problem (the parser stops there) with its line and
// column; dates, which no key takes, and too deep nesting are problems of their own.
Table table_from_toml(std::string_view toml, Problems& problems);

}  // namespace backproof
