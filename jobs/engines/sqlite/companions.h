// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engines/engine.h"
#include "engines/sqlite/header.h"
#include "engines/sqlite/wal.h"

namespace backproof {

// What lies beside a database file, as it will be replayed.
struct Companions {
  bool replayed = false;          // SQLite has something to replay: the copies lie in the sandbox
  bool has_log = false;           // a -wal is there, maybe an empty one
  std::uintmax_t database = 0;    // bytes of the database once they are replayed
  std::uintmax_t more_space = 0;  // bytes that the replay takes beside the database
  // The log that will be replayed, where only its pages can tell whether it is this database's.
  std::optional<WalFacts> untied_log;
};

// Copies the -wal and the -journal to FILE-wal and FILE-journal in the sandbox and judges these
// copies, because SQLite takes what is damaged for the end without a word. What holds nothing to
// replay is not kept. Findings go to the artefact.
Result<Companions> take_companions(Artefact& artefact, const Path& file, const SqliteHeader& header,
                                   const Sandbox& sandbox);

// Lets SQLite replay the copies into `file`. Findings go to the artefact. Errors: damaged; space
// and internal where our own limits or disk are in the way.
Result<void> replay_companions(Artefact& artefact, const Path& file, const Companions& companions);

}  // namespace backproof
