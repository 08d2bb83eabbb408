// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof::pages {

// Text as HTML shows it, in an element or in a quoted attribute: & < > " ' escaped, bytes that are
// not UTF-8 replaced, control characters (which HTML forbids) shown as U+FFFD.
std::string escape(std::string_view text);

// Names and reasons of any writing direction, escaped, in an element that keeps their direction to
// themselves.
std::string isolated(std::string_view text);

// One segment of a URL's path: everything but A-Z a-z 0-9 - _ . ~ percent-encoded (RFC 3986,
// section 2.1).
std::string encode_segment(std::string_view name);

// Appends each part. What comes from outside goes through escape() first.
template <typename... Parts>
void put(std::string& html, const Parts&... parts) {
  ((html += parts), ...);
}

}  // namespace backproof::pages
