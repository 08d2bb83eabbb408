// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof::pages {

// Text as HTML shows it, in an element or in a quoted attribute: & < > " ' escaped, bytes that are
// not UTF-8 replaced, control characters (which HTML forbids) shown as U+FFFD.
std::string escape(std::string_view text);

}  // namespace backproof::pages
