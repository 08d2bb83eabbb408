// SPDX-License-Identifier: Apache-2.0
#include "history/file_identity.h"

#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/text.h"

namespace backproof::history {

Result<FileIdentity> FileIdentity::of(const Path& file) {
  std::error_code error;
  Path absolute = std::filesystem::absolute(file, error);
  struct stat st {};
  if (::stat(absolute.c_str(), &st) != 0)
    return Error{Cause::internal,
                 text::printable(file.native()) + " cannot be looked at: " + errno_text(errno), ""};
  return FileIdentity(std::move(absolute), st.st_dev, st.st_ino);
}

Result<void> FileIdentity::check() const {
  const std::string name = text::printable(file_.native());
  struct stat st {};
  if (::stat(file_.c_str(), &st) != 0) {
    if (errno == ENOENT || errno == ENOTDIR)
      return Error{Cause::internal, name + " was deleted while it was open",
                   "put it back or restart the program: what is recorded until then is lost"};
    return Error{Cause::internal, name + " cannot be looked at: " + errno_text(errno),
                 "check that this user may enter its folder"};
  }
  if (st.st_dev == device_ && st.st_ino == inode_) return {};
  return Error{Cause::internal, name + " was replaced by another file while it was open",
               "restart the program: what is recorded until then is lost"};
}

}  // namespace backproof::history
