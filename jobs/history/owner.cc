// SPDX-License-Identifier: Apache-2.0
#include "history/owner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <tuple>

#include "base/digest.h"
#include "base/text.h"

namespace backproof::history {
namespace {

constexpr std::size_t id_bytes = 16;  // beyond guessing, and beyond meeting another's
constexpr int most_attempts = 100;

Path folder_of(const Path& history) {
  return history.native() + "-owners";
}

Path file_of(const Path& history, std::string_view id) {
  return folder_of(history) / (std::string(id) + ".lock");
}

// Ids come out of a file: none may lead to another folder.
bool is_id(std::string_view s) {
  return s.size() == 2 * id_bytes && std::ranges::all_of(s, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Error cannot(const std::string& doing, const Path& path, const char* hint) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  Error error = errno_error(full ? Cause::space : Cause::internal,
                            "cannot " + doing + " " + text::printable(path.native()));
  error.hint = hint;
  return error;
}

// Else a verification that root starts by hand would lock the service out.
void hand_over(const Fd& fd, const Path& history) {
  struct stat st {};
  if (geteuid() == 0 && ::stat(history.c_str(), &st) == 0)
    std::ignore = fchown(fd.get(), st.st_uid, st.st_gid);
}

Result<void> make_folder(const Path& history) {
  const Path folder = folder_of(history);
  if (::mkdir(folder.c_str(), 0700) == 0) {
    const Fd made(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (made) hand_over(made, history);
    return {};
  }
  if (errno == EEXIST) return {};
  return cannot("make", folder, "this user must be able to write beside the history");
}

}  // namespace

Result<Owner> Owner::claim(const Path& history) {
  TRY(make_folder(history));
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const std::string id = random_hex(id_bytes);
    Owner owner(file_of(history, id), id);
    owner.lock_.reset(
        ::open(owner.file_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!owner.lock_)
      return cannot("make", owner.file_, "this user must be able to write beside the history");
    hand_over(owner.lock_, history);
    const bool locked = flock(owner.lock_.get(), LOCK_EX | LOCK_NB) == 0;
    if (!locked && errno != EWOULDBLOCK)
      return cannot("lock", owner.file_, "put the history on a local file system");
    // Before it was locked it looked like a dead one's: who came upon it then removes it.
    if (locked && owner.is_seen()) return owner;
  }
  return Error{Cause::internal,
               "files in " + text::printable(folder_of(history).native()) +
                   " are removed as soon as they are made",
               "nothing but backproof may write there"};
}

Owner& Owner::operator=(Owner&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(id_, other.id_);
  std::swap(lock_, other.lock_);
  return *this;
}

Owner::~Owner() {
  if (!file_.empty()) ::unlink(file_.c_str());
}

bool Owner::is_seen() const {
  struct stat there {};
  struct stat ours {};
  return ::lstat(file_.c_str(), &there) == 0 && fstat(lock_.get(), &ours) == 0 &&
         there.st_dev == ours.st_dev && there.st_ino == ours.st_ino;
}

bool is_alive(const Path& history, std::string_view id) {
  if (!is_id(id)) return false;
  const Path file = file_of(history, id);
  const Fd fd(::open(file.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return errno != ENOENT;
  if (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return true;
  // While the lock is held: one that has just made its file sees that it must make another.
  ::unlink(file.c_str());
  return false;
}

std::uint64_t sweep_owners(const Path& history) {
  std::error_code error;
  std::uint64_t alive = 0;
  for (std::filesystem::directory_iterator it(folder_of(history), error), end; !error && it != end;
       it.increment(error))
    if (it->path().extension() == ".lock" && is_alive(history, it->path().stem().native())) ++alive;
  return alive;
}

}  // namespace backproof::history
