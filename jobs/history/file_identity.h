// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <utility>

#include "base/file.h"
#include "base/result.h"

namespace backproof::history {

// Which file it was that lay at a path. SQLite goes on writing to a file that was deleted or
// replaced, and all of that is lost when the process ends.
class FileIdentity {
 public:
  // That of the file there now. A relative path stays below today's working folder.
  static Result<FileIdentity> of(const Path& file);
  // An Error, with a hint, unless that very file is still at its path.
  Result<void> check() const;

 private:
  FileIdentity(Path file, dev_t device, ino_t inode)
      : file_(std::move(file)), device_(device), inode_(inode) {}
  Path file_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace backproof::history
