// SPDX-License-Identifier: Apache-2.0
#include "exporter/pages/html.h"

#include "exporter/utf8.h"

namespace backproof::pages {

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        const bool control = (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
        if (control)
          out += "\xef\xbf\xbd";
        else
          out += c;
      }
    }
  }
  return out;
}

}  // namespace backproof::pages
