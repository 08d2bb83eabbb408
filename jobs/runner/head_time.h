// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/file.h"
#include "model/time_claim.h"

namespace backproof {

// When the content that begins with `head` says that it was made: the header of an archive of
// pg_dump (custom, tar, and the toc.dat of a directory; without a zone), or the "-- Started on"
// that `pg_dump --verbose` and `pg_dumpall --verbose` write into plain dumps. Nothing for all else:
// databases of SQLite and dumps of it do not say. Safe on anything.
std::optional<TimeClaim> time_in_head(ByteView head);

}  // namespace backproof
