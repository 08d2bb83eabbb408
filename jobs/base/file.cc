// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <tuple>
#include <utility>
#include <vector>

#include "base/read_pace.h"
#include "base/text.h"

namespace backproof {
namespace {

std::string shown(const Path& path) {
  return text::printable(path.native());
}

TimePoint time_of(const timespec& t) {
  return TimePoint{std::chrono::seconds(t.tv_sec) +
                   std::chrono::floor<Duration>(std::chrono::nanoseconds(t.tv_nsec))};
}

Cause cause_of_write() {
  return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? Cause::space : Cause::internal;
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::string what_it_is(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISLNK(mode)) return "a symlink";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Result<FileFacts> facts_of(int fd) {
  struct stat st {};
  if (fstat(fd, &st) != 0) return errno_error(Cause::fetch, "cannot stat file");
  return FileFacts{
      st.st_dev,           st.st_ino,           static_cast<std::uintmax_t>(st.st_size),
      time_of(st.st_mtim), time_of(st.st_ctim), st.st_mode};
}

Result<Fd> open_readonly(const Path& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd) return errno_error(Cause::fetch, "cannot open " + shown(path));
  return fd;
}

Result<std::size_t> read_at(int fd, std::span<unsigned char> into, std::uintmax_t offset) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t n =
        pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return errno_error(Cause::fetch, "cannot read file at byte " + std::to_string(offset + done));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  keep_pace(done);
  return done;
}

Result<std::string> read_file(const Path& path, std::uintmax_t limit) {
  TRY_ASSIGN(const Fd fd, open_readonly(path));
  TRY_ASSIGN(const FileFacts facts, facts_of(fd.get()));
  if (!facts.is_regular())
    return Error{Cause::internal, shown(path) + " is not a regular file", ""};
  std::string content;
  // Not by the size: files of /proc have none.
  // Not on the stack: threads of the HTTP server have 100 KiB of it.
  std::vector<unsigned char> buffer(65536);
  while (true) {
    TRY_ASSIGN(const std::size_t n, read_at(fd.get(), buffer, content.size()));
    if (n == 0) return content;
    content.append(as_text({buffer.data(), n}));
    if (content.size() > limit)
      return Error{Cause::internal, shown(path) + " is larger than " + text::format_size(limit),
                   ""};
  }
}

Result<void> write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(cause_of_write(), "cannot write");
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> write_atomic(const Path& path, std::string_view content, mode_t mode) {
  std::string temporary = path.native() + ".XXXXXX";
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  Fd file(mkostemp(temporary.data(), O_CLOEXEC));
  if (!file) return errno_error(cause_of_write(), "cannot create a file beside " + shown(path));
  const auto write = [&]() -> Result<void> {
    TRY(write_all(file.get(), as_bytes(content)));
    if (fchmod(file.get(), mode) != 0 || fsync(file.get()) != 0 ||
        rename(temporary.c_str(), path.c_str()) != 0)
      return errno_error(cause_of_write(), "cannot write");
    const Fd dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir || fsync(dir.get()) != 0) return errno_error(Cause::internal, "cannot sync folder");
    return {};
  };
  const Result<void> written = write();
  if (!written) {
    unlink(temporary.c_str());
    return written.error().while_doing(shown(path));
  }
  return {};
}

Result<Space> space_of(const Path& path) {
  struct statvfs st {};
  if (statvfs(path.c_str(), &st) != 0)
    return errno_error(Cause::space, "cannot ask for the free space of " + shown(path));
  return Space{static_cast<std::uintmax_t>(st.f_bavail) * st.f_frsize,
               static_cast<std::uintmax_t>(st.f_blocks) * st.f_frsize};
}

Result<TempDir> TempDir::create(const Path& parent, std::string_view prefix) {
  std::string name = (parent / (std::string(prefix) + "XXXXXX")).native();
  if (mkdtemp(name.data()) == nullptr)
    return errno_error(cause_of_write(), "cannot create a folder in " + shown(parent));
  return TempDir(Path(name));
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    std::ignore = close();
    path_ = std::exchange(other.path_, {});
  }
  return *this;
}

TempDir::~TempDir() {
  std::ignore = close();
}

Result<void> TempDir::close() {
  const Path path = std::exchange(path_, {});
  return path.empty() ? Result<void>() : remove_tree(path);
}

}  // namespace backproof
