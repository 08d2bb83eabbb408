// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace backproof {

// Whether an Accept-Encoding header allows gzip: named, or meant by "*", with a weight above zero
// (RFC 9110, section 12.5.3).
bool accepts_gzip(std::string_view accept_encoding);

// `bytes` as one gzip member. Fast rather than small: a page of metrics shrinks tenfold anyway.
std::string gzip(std::string_view bytes);

}  // namespace backproof
