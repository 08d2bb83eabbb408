// SPDX-License-Identifier: Apache-2.0
#include "db/sqlite_utf16.h"

namespace backproof {
namespace {

void append(std::string& utf8, std::uint32_t point) {
  const auto tail = [&](unsigned shift) {
    utf8 += static_cast<char>(0x80U | ((point >> shift) & 0x3fU));
  };
  if (point < 0x80) {
    utf8 += static_cast<char>(point);
  } else if (point < 0x800) {
    utf8 += static_cast<char>(0xc0U | (point >> 6U));
    tail(0);
  } else if (point < 0x10000) {
    utf8 += static_cast<char>(0xe0U | (point >> 12U));
    tail(6);
    tail(0);
  } else {
    utf8 += static_cast<char>(0xf0U | (point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

bool utf8_of_utf16(ByteView utf16, TextEncoding encoding, std::string& utf8) {
  utf8.clear();
  if (utf16.size() % 2 != 0) return false;
  const std::size_t low = encoding == TextEncoding::utf16le ? 0 : 1;
  const auto unit = [&](std::size_t at) {
    return std::uint32_t{utf16[at + low]} | (std::uint32_t{utf16[at + 1 - low]} << 8U);
  };
  for (std::size_t at = 0; at < utf16.size(); at += 2) {
    const std::uint32_t first = unit(at);
    if (first < 0xd800 || first >= 0xe000) {
      append(utf8, first);
      continue;
    }
    at += 2;
    if (first >= 0xdc00 || at >= utf16.size()) return false;
    const std::uint32_t second = unit(at);
    if (second < 0xdc00 || second >= 0xe000) return false;
    append(utf8, 0x10000 + ((first - 0xd800) << 10U) + (second - 0xdc00));
  }
  return true;
}

}  // namespace backproof
