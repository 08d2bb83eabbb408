// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace backproof {

// A file that gets its name when it is complete: until then it is ".NAME.RANDOM.partial" beside it,
// which no source takes for a backup, readable by its owner alone. Removed on destruction.
class PendingFile {
 public:
  // Errors: a file of the final name is there already, the folder cannot be written to.
  static Result<PendingFile> create(const Path& final_name);
  PendingFile(PendingFile&& other) noexcept
      : fd_(std::move(other.fd_)),
        temporary_(std::exchange(other.temporary_, {})),
        final_(std::move(other.final_)) {}
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  int fd() const { return fd_.get(); }
  const Path& path() const { return temporary_; }
  // To disk.
  Result<void> sync();
  // Gives it its name, unless something has that name already.
  Result<void> publish();

 private:
  PendingFile(Fd fd, Path temporary, Path final_name)
      : fd_(std::move(fd)), temporary_(std::move(temporary)), final_(std::move(final_name)) {}

  Fd fd_;
  Path temporary_, final_;
};

}  // namespace backproof
