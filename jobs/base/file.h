// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace backproof {

using Path = std::filesystem::path;
using ByteView = std::span<const unsigned char>;

inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

// An owned file descriptor; -1 is none. Move-only; closes on destruction.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// What a descriptor or path is: from one fstat.
struct FileFacts {
  std::uint64_t device = 0, inode = 0;
  std::uintmax_t bytes = 0;
  TimePoint modified;  // mtime
  TimePoint changed;   // ctime: no program can set it back
  mode_t mode = 0;

  bool is_regular() const { return S_ISREG(mode); }
  bool is_directory() const { return S_ISDIR(mode); }
  // Same file, and nothing about it moved in between.
  bool operator==(const FileFacts&) const = default;
};
Result<FileFacts> facts_of(int fd);
// "a folder", "a symlink", "a pipe", "a socket" or "a device": what a file is that is no regular
// one.
std::string what_it_is(mode_t mode);

// Opens for reading without ever blocking or creating (O_RDONLY|O_CLOEXEC|O_NONBLOCK|O_NOCTTY).
// Errors have cause fetch. FIFOs and devices open too: ask facts_of() before reading.
Result<Fd> open_readonly(const Path& path);

// Reads up to `into.size()` bytes at `offset` with pread; fewer only at the end of the file. No
// faster than base/read_pace.h says.
Result<std::size_t> read_at(int fd, std::span<unsigned char> into, std::uintmax_t offset);
// The whole file as text; refuses more than `limit` bytes (cause internal).
Result<std::string> read_file(const Path& path, std::uintmax_t limit = 16U << 20U);
// Writes all bytes, going on after partial writes; no space left has cause space.
Result<void> write_all(int fd, ByteView bytes);
// Replaces `path` by `content` so that a reader or a crash sees the old or the new, never half:
// temporary name, fsync, rename, fsync of the folder.
Result<void> write_atomic(const Path& path, std::string_view content, mode_t mode = 0644);

struct Space {
  std::uintmax_t available = 0;  // to this user
  std::uintmax_t size = 0;
};
Result<Space> space_of(const Path& path);

// Bytes allocated below `path`, symlinks not followed; what vanishes meanwhile counts nothing.
std::uintmax_t bytes_below(const Path& path);

// Removes `path` and all below it, also folders whose mode forbids it; a missing path is fine. No
// symlink is followed, and what is mounted below is not touched, which is an error.
Result<void> remove_tree(const Path& path);

// A fresh 0700 folder "PREFIX" + random, removed with everything below it on destruction.
class TempDir {
 public:
  static Result<TempDir> create(const Path& parent, std::string_view prefix);
  TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TempDir& operator=(TempDir&& other) noexcept;
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();

  const Path& path() const { return path_; }
  // Removes now and says whether it worked; the destructor does nothing afterwards.
  Result<void> close();

 private:
  explicit TempDir(Path path) : path_(std::move(path)) {}
  Path path_;
};

}  // namespace backproof
