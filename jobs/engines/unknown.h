// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// Why no engine took this content, said from its first bytes (at most 64 KiB are looked at):
// missing_tool where it is something known that only needs another tool or a key (an encrypted
// file, another database's dump), wrong_format where it is nothing known.
Error unknown_content(ByteView head);

}  // namespace backproof
