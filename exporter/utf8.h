// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, no more than
// U+10FFFF.
bool is_utf8(std::string_view s);

// `s` with every maximal ill-formed part, and every NUL, replaced by U+FFFD: for places whose
// readers give up on the whole document over one bad byte.
std::string valid_utf8(std::string_view s);

}  // namespace backproof
