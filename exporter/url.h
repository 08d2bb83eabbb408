// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace backproof {

enum class Plus { is_plus, is_space };

// Percent-decoding (RFC 3986, section 2.1), strict: nothing when a '%' is not followed by two hex
// digits. '+' is a space in forms and queries only.
std::optional<std::string> decode_percent(std::string_view text, Plus plus);

// A query as names and values. An Error (cause internal) tells the client what is wrong with it:
// not decodable, not UTF-8, a NUL, a name given twice, more than 16 parameters, a value beyond
// 1 KiB.
using Query = std::map<std::string, std::string, std::less<>>;
Result<Query> parse_query(std::string_view query);

}  // namespace backproof
