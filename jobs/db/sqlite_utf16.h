// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/file.h"

namespace backproof {

// How text is stored in a SQLite database.
enum class TextEncoding { utf8, utf16le, utf16be };

// Makes UTF-8 of UTF-16 in `utf8`. False for what is none: half a code unit, half a pair.
bool utf8_of_utf16(ByteView utf16, TextEncoding encoding, std::string& utf8);

}  // namespace backproof
