// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace backproof {

// One of the things that a client accepts, in small letters: "text/plain;version=0.0.4;q=0.5".
struct Accepted {
  std::string name;                               // "text/plain", "gzip", "*"
  std::map<std::string, std::string> parameters;  // but q
  double weight = 1;                              // q, 0 to 1; 0 = not wanted
};

// The items of a header Accept or Accept-Encoding (RFC 9110, section 12.5) in their order. A weight
// that is none is 0: what is not understood is not wanted.
std::vector<Accepted> parse_accept(std::string_view header);

}  // namespace backproof
