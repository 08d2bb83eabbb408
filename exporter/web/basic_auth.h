// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace backproof::web {

struct BasicAuth {
  std::string user, password;
};

// The value of an Authorization header (RFC 7617); nothing when it is of another scheme, no base64
// or without a colon.
std::optional<BasicAuth> parse_basic_auth(std::string_view header);

}  // namespace backproof::web
