// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engines/engine.h"
#include "model/backup.h"
#include "sources/source.h"

namespace backproof {

// The backup of a run, opened once by descriptor; nothing of it was read yet.
struct Selected {
  Backup backup;
  Fd file;
  FileFacts facts;  // when it was opened
  Fd wal, journal;  // FILE-wal and FILE-journal beside the real file, none where they are missing
  FileFacts wal_facts, journal_facts;  // of these, when they were opened
  // Of a backup that is a folder (pg_dump -Fd): all its files; `file` is its toc.dat.
  std::vector<Member> members;
};

// Files to be restored before a backup, opened. An Error (fetch) names the one that cannot be.
Result<std::vector<Member>> open_before(const std::vector<Path>& files);

// Of a folder: the SHA-256 of what `sha256sum *` prints for its files in the order of their names,
// sorted as bytes.
Result<std::string> sha256_of(const std::vector<Member>& members);

// A backup named by hand. Errors: fetch (missing, unreadable, or a companion that is there and
// cannot be read), wrong_format (no regular file).
Result<Selected> select_named(const Path& path);

// The backup of a source that was chosen, and no other: one that is not as it was listed is an
// Error of cause fetch, as is a companion that cannot be read.
Result<Selected> select_chosen(const Source* source, const Backup& chosen);

// What of it is not as it was when it was opened: "the backup", "its -wal", "its -journal"; empty:
// nothing.
Result<std::string> changed_part(const Selected& selected);

// Takes it as it is now: what was brought changes hands when the door closes.
Result<void> look_again(Selected& selected);

// One that was brought to `file`, which is followed by nobody; its size is that of what came.
Result<Selected> select_brought(const Backup& chosen, const Path& file);

}  // namespace backproof
