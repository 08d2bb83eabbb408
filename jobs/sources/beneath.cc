// SPDX-License-Identifier: Apache-2.0
#include "sources/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace backproof {
namespace {

Error cannot_open() {
  if (errno == EXDEV) return {Cause::fetch, "points out of the folder", ""};
  return {Cause::fetch, "cannot be opened: " + errno_text(errno), ""};
}

// glibc 2.36 has no function for it.
Fd openat2_beneath(int folder, const Path& name, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how)));
}

// None, with errno, where something is missing, a symlink or a way up.
Fd walk(int folder, const Path& name, int flags) {
  Fd at;
  for (auto part = name.begin(); part != name.end(); ++part) {
    const bool last = std::next(part) == name.end();
    if (*part == ".." || part->is_absolute()) {
      errno = EXDEV;
      return {};
    }
    const int way = last ? flags : O_PATH | O_DIRECTORY;
    at = Fd(openat(at ? at.get() : folder, part->c_str(), way | O_NOFOLLOW | O_CLOEXEC));
    if (!at) return at;
  }
  if (!at) errno = ENOENT;
  return at;
}

}  // namespace

Result<Fd> open_beneath_nofollow(int folder, const Path& name, int flags) {
  Fd fd = walk(folder, name, flags);
  if (!fd) return cannot_open();
  return fd;
}

Result<Fd> open_beneath(int folder, const Path& folder_path, const Path& name, int flags) {
  Fd fd = openat2_beneath(folder, name, flags);
  if (fd) return fd;
  // EXDEV is also the answer for an absolute symlink that ends inside, EAGAIN for a rename at the
  // wrong moment, ENOSYS and EPERM for what does not know or allow the call.
  if (errno != EXDEV && errno != EAGAIN && errno != ENOSYS && errno != EPERM) return cannot_open();
  std::error_code error;
  const Path root = std::filesystem::canonical(folder_path, error);
  const Path real = error ? Path() : std::filesystem::canonical(folder_path / name, error);
  if (error) return Error{Cause::fetch, "cannot be opened: " + error.message(), ""};
  // What canonical() found has no symlink left, so walking it follows none: a race cannot escape.
  fd = walk(folder, real.lexically_relative(root), flags);
  if (!fd) return cannot_open();
  return fd;
}

}  // namespace backproof
