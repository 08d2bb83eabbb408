// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/basic_auth.h"

#include <cstdint>

#include "base/text.h"

namespace backproof::web {
namespace {

// RFC 4648, section 4, with its padding.
std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU);
  }
  return out;
}

}  // namespace

std::optional<BasicAuth> parse_basic_auth(std::string_view header) {
  constexpr std::string_view scheme = "basic ";
  if (text::lower(header.substr(0, scheme.size())) != scheme) return std::nullopt;
  const auto pair = decode_base64(text::trim(header.substr(scheme.size())));
  const std::size_t colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return BasicAuth{pair->substr(0, colon), pair->substr(colon + 1)};
}

}  // namespace backproof::web
