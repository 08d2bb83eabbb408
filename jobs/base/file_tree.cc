// SPDX-License-Identifier: Apache-2.0
// What walks a tree of files. Trees can be made by hostile programs, so that neither their depth
// nor their number of entries may cost stack or descriptors.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace backproof {
namespace {

// Names of folders still to be visited; a tree that has more at once is not counted in full.
constexpr std::size_t most_waiting = 100'000;
// Some file systems pass over entries while others of the folder are removed.
constexpr int passes = 3;

struct DirCloser {
  void operator()(DIR* dir) const { closedir(dir); }
};
using Dir = std::unique_ptr<DIR, DirCloser>;

Fd open_folder(int at, const char* name) {
  return Fd(openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// None, with EXDEV, for what is mounted there: also for a part of the same file system.
Fd open_unmounted(int at, const char* name) {
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS;
  Fd fd(static_cast<int>(syscall(SYS_openat2, at, name, &how, sizeof how)));
  if (fd || (errno != ENOSYS && errno != EPERM)) return fd;
  struct stat here {
  }, there{};
  fd = open_folder(at, name);
  if (!fd || fstat(at, &here) != 0 || fstat(fd.get(), &there) != 0) return {};
  if (here.st_dev == there.st_dev) return fd;
  errno = EXDEV;
  return {};
}

Dir dir_of(Fd fd) {
  if (!fd) return nullptr;
  Dir dir(fdopendir(fd.get()));
  if (dir) std::ignore = fd.release();
  return dir;
}

Dir open_dir(int at, const char* name) {
  return dir_of(open_folder(at, name));
}

bool is_dots(const char* name) {
  return std::string_view(name) == "." || std::string_view(name) == "..";
}

constexpr mode_t all_for_owner = 0700;

// Only folders: the mode of what a symlink points to is not ours to change.
void make_writable(int at, const char* name) {
  struct stat st {};
  if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
    std::ignore = fchmodat(at, name, all_for_owner, 0);
}

// A folder from which everything may be removed. Its mode is written only where it must be: that
// costs a write on disk.
Dir open_to_empty(int at, const char* name) {
  Fd fd = open_unmounted(at, name);
  if (!fd && errno == EACCES) {
    make_writable(at, name);
    fd = open_unmounted(at, name);
  }
  struct stat st {};
  if (fd && fstat(fd.get(), &st) == 0 && (st.st_mode & all_for_owner) != all_for_owner)
    std::ignore = fchmod(fd.get(), all_for_owner);
  return dir_of(std::move(fd));
}

// Goes down by names and up by "..", with one folder open at a time.
class Counter {
 public:
  std::uintmax_t count(const Path& top) {
    Fd here = open_folder(AT_FDCWD, top.c_str());
    if (!here || !enter(here.get())) return 0;
    while (!levels_.empty()) {
      if (levels_.back().folders.empty()) {
        levels_.pop_back();
        if (levels_.empty()) break;
        here = open_folder(here.get(), "..");
        // Moved away meanwhile: there is no way back.
        if (!here || !is(here.get(), levels_.back())) break;
        continue;
      }
      const std::string name = std::move(levels_.back().folders.back());
      levels_.back().folders.pop_back();
      --waiting_;
      Fd below = open_folder(here.get(), name.c_str());
      if (below && enter(below.get())) here = std::move(below);
    }
    return sum_;
  }

 private:
  struct Level {
    std::uint64_t device = 0, inode = 0;
    std::vector<std::string> folders;  // not yet visited
  };

  static bool is(int fd, const Level& level) {
    struct stat st {};
    return fstat(fd, &st) == 0 && st.st_dev == level.device && st.st_ino == level.inode;
  }

  bool enter(int fd) {
    struct stat st {};
    const Dir dir = open_dir(fd, ".");
    if (!dir || fstat(fd, &st) != 0) return false;
    Level level{st.st_dev, st.st_ino, {}};
    while (const dirent* entry = readdir(dir.get())) {
      if (is_dots(entry->d_name)) continue;
      if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
      sum_ += static_cast<std::uintmax_t>(st.st_blocks) * 512;
      if (!S_ISDIR(st.st_mode) || waiting_ >= most_waiting) continue;
      level.folders.emplace_back(entry->d_name);
      ++waiting_;
    }
    levels_.push_back(std::move(level));
    return true;
  }

  std::vector<Level> levels_;
  std::size_t waiting_ = 0;
  std::uintmax_t sum_ = 0;
};

// Empties a folder, in a time that grows with the number of entries and not with their depth; what
// is mounted in it stays. What lies in a folder of it is removed or, when it is a folder itself,
// moved up into the top folder under a fresh name, so that the depth stays one. Goes on after an
// entry that could not be removed, so that as little as possible stays.
class Emptier {
 public:
  explicit Emptier(int top) : top_(top) {
    std::uint64_t random = 0;
    std::ignore = getrandom(&random, sizeof random, GRND_NONBLOCK);
    prefix_ = ".removed-" + std::to_string(random) + "-";
  }

  void run(DIR* dir) {
    for (int pass = 0; pass < passes; ++pass, rewinddir(dir)) {
      bool found = false;
      while (const dirent* entry = readdir(dir)) {
        if (is_dots(entry->d_name)) continue;
        found = true;
        if (unlinkat(top_, entry->d_name, 0) == 0) continue;
        remove_folder(entry->d_name);
        while (removed_ < moved_) remove_folder(fresh_name(removed_++).c_str());
      }
      if (!found) return;
    }
  }

 private:
  std::string fresh_name(std::uint64_t number) const { return prefix_ + std::to_string(number); }

  bool move_up(int from, const char* name) {
    const bool moved = renameat(from, name, top_, fresh_name(moved_).c_str()) == 0;
    if (moved) ++moved_;
    return moved;
  }

  // A folder in the top folder.
  void remove_folder(const char* name) {
    for (int pass = 0; pass < passes; ++pass) {
      if (unlinkat(top_, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return;
      const Dir dir = open_to_empty(top_, name);
      if (!dir) return;
      while (const dirent* entry = readdir(dir.get())) {
        if (is_dots(entry->d_name)) continue;
        const int fd = dirfd(dir.get());
        if (unlinkat(fd, entry->d_name, 0) == 0) continue;
        if (unlinkat(fd, entry->d_name, AT_REMOVEDIR) == 0) continue;
        if (!move_up(fd, entry->d_name) && (errno == EACCES || errno == EPERM)) {
          make_writable(fd, entry->d_name);  // moving a folder writes its ".."
          std::ignore = move_up(fd, entry->d_name);
        }
      }
    }
    std::ignore = unlinkat(top_, name, AT_REMOVEDIR);
  }

  int top_;
  std::string prefix_;
  std::uint64_t moved_ = 0, removed_ = 0;
};

}  // namespace

std::uintmax_t bytes_below(const Path& path) {
  return Counter().count(path);
}

Result<void> remove_tree(const Path& path) {
  const std::string shown = text::printable(path.native());
  struct stat st {};
  if (fstatat(AT_FDCWD, path.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? Result<void>() : errno_error(Cause::internal, "cannot stat " + shown);
  const bool is_folder = S_ISDIR(st.st_mode);
  if (is_folder) {
    std::ignore = fchmodat(AT_FDCWD, path.c_str(), 0700, 0);
    if (const Dir dir = open_dir(AT_FDCWD, path.c_str())) Emptier(dirfd(dir.get())).run(dir.get());
  }
  if (unlinkat(AT_FDCWD, path.c_str(), is_folder ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
    return errno_error(Cause::internal, "cannot remove " + shown);
  return {};
}

}  // namespace backproof
