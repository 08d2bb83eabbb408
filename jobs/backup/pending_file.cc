// SPDX-License-Identifier: Apache-2.0
#include "backup/pending_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "base/digest.h"
#include "base/text.h"

namespace backproof {
namespace {

Error already_there(const Path& path) {
  return {Cause::internal, text::printable(path.native()) + " exists already",
          "nothing that is there is ever replaced: give it another name"};
}

Result<void> sync_folder(const Path& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0)
    return errno_error(Cause::internal, "cannot write " + text::printable(folder.native()));
  return {};
}

Path folder_of(const Path& file) {
  return file.has_parent_path() ? file.parent_path() : Path(".");
}

}  // namespace

Result<PendingFile> PendingFile::create(const Path& final_name) {
  struct stat there {};
  if (lstat(final_name.c_str(), &there) == 0) return already_there(final_name);
  constexpr std::size_t random_bytes = 4;
  const Path temporary = folder_of(final_name) / ("." + final_name.filename().native() + "." +
                                                  random_hex(random_bytes) + ".partial");
  Fd fd(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd)
    return errno_error(Cause::internal, "cannot make " + text::printable(temporary.native()));
  return PendingFile(std::move(fd), temporary, final_name);
}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Result<void> PendingFile::sync() {
  if (fsync(fd_.get()) == 0) return {};
  return errno_error(Cause::internal, "cannot write " + text::printable(temporary_.native()));
}

Result<void> PendingFile::publish() {
  if (renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, final_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return already_there(final_);
    return errno_error(Cause::internal, "cannot name " + text::printable(final_.native()));
  }
  temporary_.clear();
  return sync_folder(folder_of(final_));
}

}  // namespace backproof
