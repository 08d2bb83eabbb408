// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/sqlite.h"

namespace backproof {

// Text with the escapes \XXXX, \uXXXX, \+XXXXXX, \UXXXXXXXX and \\ resolved, as SQLite's unistr()
// (https://sqlite.org/lang_corefunc.html#unistr) does since 3.50; nothing where one is malformed.
std::optional<std::string> unescape_unicode(std::string_view text);

// Gives the connection a unistr() where its library has none: .dump of newer shells writes it for
// text with control characters.
Result<void> provide_unistr(sqlite::Connection& connection);

}  // namespace backproof
