// SPDX-License-Identifier: Apache-2.0
#include "sandbox/pg_template.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <tuple>
#include <vector>

#include "base/digest.h"
#include "base/process.h"
#include "base/text.h"

namespace backproof {
namespace {

constexpr Duration patience = std::chrono::minutes(5);
constexpr mode_t private_folder = 0700, private_file = 0600, all_modes = 07777;
constexpr std::string_view in_the_making = "making-";

bool is_private_folder(const Path& path) {
  struct stat facts {};
  return lstat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode) && facts.st_uid == geteuid() &&
         (facts.st_mode & all_modes) == private_folder;
}

// What initdb says is of our own options and its own files only.
Result<void> initialise(const PgBinaries& binaries, const Path& cluster) {
  Command command;
  command.argv = {binaries.initdb().string(),
                  "--pgdata=" + cluster.string(),
                  std::string("--username=") + pg_superuser,
                  "--auth=trust",
                  "--encoding=UTF8",
                  "--locale=C",
                  "--no-sync",
                  "--no-instructions"};
  command.env = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}, {"TZ", "UTC"}};
  TRY_ASSIGN(const Output output, run(command, patience));
  if (output.timed_out)
    return Error{Cause::internal, "initdb was not done after " + text::format_duration(patience),
                 ""};
  if (output.ended.ok()) return {};
  std::string last;
  for (const std::string_view line : text::split(text::trim(output.err), '\n'))
    if (line.find("error:") != std::string_view::npos || last.empty()) last = line;
  const bool full = output.err.find("No space left") != std::string::npos;
  const Cause cause = output.ended.signal != 0 ? Cause::crashed : Cause::internal;
  return Error{full ? Cause::space : cause,
               "initdb ended with " + output.ended.str() + ": " + text::printable(last),
               full ? "make room where sandboxes are kept" : ""};
}

// Until a call says that nothing is left; false: it cannot, and errno says why.
template <typename Call>
bool until_done(const Call& call) {
  ssize_t n = 0;
  do n = call();
  while (n > 0 || (n < 0 && errno == EINTR));
  return n == 0;
}

// No room, or no inode, is not the template's fault.
Error cannot(const char* doing, const Path& path) {
  const Cause cause = errno == ENOSPC || errno == EDQUOT ? Cause::space : Cause::internal;
  Error error =
      errno_error(cause, std::string("cannot ") + doing + ' ' + text::printable(path.string()));
  if (cause == Cause::space)
    error.hint =
        "make room or put the sandboxes on a larger file system; a server has a thousand files";
  return error;
}

Result<void> copy_bytes(int from, int to, const Path& path) {
  constexpr std::size_t most = 1U << 30U;
  if (ioctl(to, FICLONE, from) == 0) return {};
  // Between some file systems the first does not work; where it stopped, the second goes on.
  if (until_done([&] { return copy_file_range(from, nullptr, to, nullptr, most, 0); }) ||
      until_done([&] { return sendfile(to, from, nullptr, most); }))
    return {};
  return cannot("copy", path);
}

Result<void> copy_one(const Path& from, const Path& to) {
  const Fd in(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  const Fd out(open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
  if (!in || !out) return cannot("copy", from);
  return copy_bytes(in.get(), out.get(), from);
}

// The name says for whom and from what the template was made: whatever differs is another one.
Path template_path(const PgBinaries& binaries, const Path& templates) {
  Sha256 sha;
  sha.update(as_bytes(binaries.full + "\n" + binaries.folder.string() + "\n1"));
  return templates /
         (binaries.version + "-" + std::to_string(geteuid()) + "-" + sha.hex().substr(0, 16));
}

// Folders that nobody holds a lock on: of makers that died.
void remove_unfinished(const Path& templates) {
  std::error_code error;
  std::vector<Path> found;
  for (std::filesystem::directory_iterator it(templates, error), end; !error && it != end;
       it.increment(error))
    if (it->path().filename().string().starts_with(in_the_making)) found.push_back(it->path());
  for (const Path& path : found) {
    const Fd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder && flock(folder.get(), LOCK_EX | LOCK_NB) == 0) std::ignore = remove_tree(path);
  }
}

Result<void> make_template(const PgBinaries& binaries, const Path& templates, const Path& path) {
  remove_unfinished(templates);
  TRY_ASSIGN(TempDir making, TempDir::create(templates, in_the_making));
  const Fd folder(open(making.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || flock(folder.get(), LOCK_EX | LOCK_NB) != 0)
    return errno_error(Cause::internal, "cannot lock a template in the making");
  const Path data = making.path() / "data";
  TRY(initialise(binaries, data));
  // It must be on disk before its name says that it is whole.
  if (syncfs(folder.get()) != 0) return errno_error(Cause::internal, "cannot sync a template");
  if (rename(data.c_str(), path.c_str()) != 0 && errno != EEXIST && errno != ENOTEMPTY)
    return errno_error(Cause::internal, "cannot name a template");
  return {};
}

Result<void> copy_template(const PgBinaries& binaries, const Path& templates, const Path& cluster) {
  const Path path = template_path(binaries, templates);
  if (!is_private_folder(path)) TRY(make_template(binaries, templates, path));
  if (!is_private_folder(path))
    return Error{Cause::internal, text::printable(path.string()) + " is not ours alone", ""};
  return copy_tree(path, cluster);
}

}  // namespace

Result<void> copy_tree(const Path& from, const Path& to) {
  if (mkdir(to.c_str(), private_folder) != 0) return cannot("make", to);
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(from, error), end; !error && it != end;
       it.increment(error)) {
    const Path target = to / it->path().lexically_relative(from);
    const auto status = it->symlink_status(error);
    if (error) break;
    if (std::filesystem::is_directory(status)) {
      if (mkdir(target.c_str(), private_folder) != 0) return cannot("make", target);
    } else if (std::filesystem::is_regular_file(status)) {
      TRY(copy_one(it->path(), target));
    } else {
      return Error{Cause::internal,
                   text::printable(it->path().string()) + " is neither a file nor a folder", ""};
    }
  }
  if (error)
    return Error{Cause::internal,
                 "cannot list " + text::printable(from.string()) + ": " + error.message(), ""};
  return {};
}

Result<void> make_pg_cluster(const PgBinaries& binaries, const Path& templates,
                             const Path& cluster) {
  if (!templates.empty() && is_private_folder(templates)) {
    const Result<void> copied = copy_template(binaries, templates, cluster);
    if (copied || copied.error().cause == Cause::space) return copied;
    TRY(remove_tree(cluster));
  }
  return initialise(binaries, cluster);
}

}  // namespace backproof
