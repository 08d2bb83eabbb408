// SPDX-License-Identifier: Apache-2.0
#include "exporter/utf8.h"

namespace backproof {
namespace {

struct Step {
  std::size_t bytes;  // at least 1
  bool valid;
};

// The character at the start of `s`, or how many bytes one U+FFFD stands for.
Step next(std::string_view s) {
  const auto byte = [s](std::size_t i) -> unsigned {
    return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return {1, true};
  // The lead byte says how many follow and narrows the first of them.
  std::size_t more = 0;
  unsigned low = 0x80, high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    more = 1;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    more = 2;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    more = 3;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {1, false};
  }
  for (std::size_t i = 1; i <= more; ++i) {
    if (byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xbf;
  }
  return {more + 1, true};
}

}  // namespace

bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    const Step step = next(s);
    if (!step.valid) return false;
    s.remove_prefix(step.bytes);
  }
  return true;
}

std::string valid_utf8(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  while (!s.empty()) {
    const Step step = next(s);
    if (step.valid && s.front() != '\0')
      out += s.substr(0, step.bytes);
    else
      out += "\xef\xbf\xbd";
    s.remove_prefix(step.bytes);
  }
  return out;
}

}  // namespace backproof
