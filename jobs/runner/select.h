// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "model/backup.h"
#include "sources/source.h"

namespace backproof {

// The backup of a run, opened once by descriptor; nothing of it was read yet.
struct Selected {
  Backup backup;
  Fd file;
  FileFacts facts;  // when it was opened
  Fd wal, journal;  // FILE-wal and FILE-journal beside it, when they are regular files
  std::vector<std::string> notes;  // what else lay there and why it was passed over
};

// A backup named by hand. Errors: fetch (missing, unreadable), wrong_format (no regular file).
Result<Selected> select_named(const Path& path);

// The newest backup of a source. No candidate is an Error of cause fetch.
Result<Selected> select_newest(const Source* source, TimePoint now);

}  // namespace backproof
