// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/proc.h"
#include "base/text.h"
#include "model/run.h"
#include "runner/bring.h"
#include "runner/worker.h"
#include "sandbox/stragglers.h"

namespace backproof {
namespace {

constexpr std::string_view prefix = "backproof-";
constexpr uid_t nobody = 65534;  // to whom a worker started by root hands its sandbox over

// With it a pid that was given to another process meanwhile is not taken for the old one.
std::optional<std::uint64_t> start_time(std::uint64_t pid) {
  const auto stat = read_proc_stat(std::to_string(pid));
  return stat ? std::optional(stat->start_ticks) : std::nullopt;
}

// The owner as the name says: "backproof-RUN-PID-START".
bool is_owner_alive(const std::string& name) {
  const auto parts = text::split(name, '-');
  const auto pid = text::parse_count(parts[parts.size() - 2]);
  const auto start = text::parse_count(parts.back());
  return pid && start && start_time(*pid) == start;
}

// Not what looks like one: a folder of the user's may be called backproof-backups-2026-11.
bool is_sandbox_name(const std::string& name) {
  const auto parts = text::split(name, '-');
  return name.starts_with(prefix) && parts.size() == 5 &&
         is_run_id(
             std::string_view(name).substr(prefix.size(), parts[1].size() + 1 + parts[2].size())) &&
         text::parse_count(parts[3]) && text::parse_count(parts[4]);
}

std::vector<Path> sandboxes_in(const Path& scratch) {
  std::vector<Path> found;
  std::error_code error;
  for (std::filesystem::directory_iterator it(scratch, error), end; !error && it != end;
       it.increment(error))
    if (is_sandbox_name(it->path().filename().string())) found.push_back(it->path());
  return found;
}

bool lock(const Fd& folder) {
  return flock(folder.get(), LOCK_EX | LOCK_NB) == 0;
}

// A leftover of ours, locked so that nobody else sweeps it; nothing when it is in use or foreign.
Fd leftover(const Path& path) {
  if (is_owner_alive(path.filename().string())) return {};
  Fd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts {};
  if (!folder || fstat(folder.get(), &facts) != 0) return {};
  const bool ours = facts.st_uid == geteuid() || (geteuid() == 0 && facts.st_uid == nobody);
  return ours && lock(folder) ? std::move(folder) : Fd{};
}

// Whether this process has the folder open.
bool has_open(const std::string& process, const Path& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc/" + process + "/fd", error), end;
       !error && it != end; it.increment(error)) {
    std::error_code gone;
    if (std::filesystem::read_symlink(it->path(), gone) == folder) return true;
  }
  return false;
}

// Whoever holds the lock of this folder and was stopped goes on, and so hears that it is to end.
void wake_holder(const Fd& folder) {
  struct stat facts {};
  std::error_code error;
  const Path path =
      std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(folder.get()), error);
  const auto locks = read_file("/proc/locks");
  if (error || !locks || fstat(folder.get(), &facts) != 0) return;
  const std::string inode = ":" + std::to_string(facts.st_ino);
  for (const std::string_view line : text::split(*locks, '\n')) {
    const auto words = text::split(line, ' ');
    const auto place =
        std::ranges::find_if(words, [&](std::string_view word) { return word.ends_with(inode); });
    if (place == words.end() || place == words.begin()) continue;
    const std::string process(*std::prev(place));
    const auto pid = text::parse_count(process);
    if (pid && *pid > 1 && has_open(process, path)) kill(static_cast<pid_t>(*pid), SIGCONT);
  }
}

// A command that brings a backup ends with its worker, and not in the same moment.
void await_commands(const Path& sandbox) {
  constexpr Duration longest = std::chrono::seconds(12);
  constexpr int between_ms = 10;
  const Fd folder(
      open((sandbox / brought_folder).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const Stopwatch watch;
  while (folder && !lock(folder) && watch.took() < longest) {
    wake_holder(folder);
    poll(nullptr, 0, between_ms);
  }
}

// A file system can have room, and no inode for another file.
bool has_no_inode(const Path& folder) {
  struct statvfs facts {};
  return statvfs(folder.c_str(), &facts) == 0 && facts.f_files > 0 && facts.f_ffree == 0;
}

Error cannot_make(const Path& path, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  const bool no_inode = full && has_no_inode(path.parent_path());
  return {full ? Cause::space : Cause::internal,
          "cannot make the folder " + text::printable(path.string()) + ": " +
              (no_inode ? "no inode is left" : errno_text(number)),
          full ? "make room or put the sandboxes on a larger file system"
               : "sandboxes need a folder that may be written"};
}

}  // namespace

Result<WorkerSandbox> WorkerSandbox::create(const Path& scratch, const std::string& run_id) {
  if (!is_run_id(run_id)) return Error{Cause::internal, "a sandbox needs the id of a run", ""};
  std::error_code error;
  if (std::filesystem::create_directories(scratch, error)) {
    // A worker started by root becomes another user, who must be able to pass through.
    using std::filesystem::perms;
    const auto mode = perms::owner_all | (geteuid() == 0 ? perms::others_exec : perms::none);
    std::filesystem::permissions(scratch, mode, error);
  }
  if (error) return cannot_make(scratch, error.value());
  const auto pid = static_cast<std::uint64_t>(getpid());
  const Path path = std::filesystem::absolute(scratch, error) /
                    (std::string(prefix) + run_id + "-" + std::to_string(pid) + "-" +
                     std::to_string(start_time(pid).value_or(0)));
  if (error || mkdir(path.c_str(), 0700) != 0)
    return cannot_make(path, error ? error.value() : errno);
  Fd folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || !lock(folder)) {
    const Error cause = errno_error(Cause::internal, "cannot lock the sandbox");
    rmdir(path.c_str());
    return cause;
  }
  return WorkerSandbox(path, std::move(folder));
}

WorkerSandbox::WorkerSandbox(WorkerSandbox&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

WorkerSandbox::~WorkerSandbox() {
  if (path_.empty()) return;
  if (const auto removed = close(); !removed)
    log::warn("a sandbox was left behind", {{"error", removed.error().text}});
}

Result<void> WorkerSandbox::close() {
  const Path path = std::exchange(path_, {});
  kill_stragglers(path);
  await_commands(path);
  auto removed = remove_tree(path);
  lock_.reset();
  return removed;
}

std::uint64_t sweep_sandboxes(const Path& scratch) {
  std::uint64_t left = 0;
  for (const Path& path : sandboxes_in(scratch)) {
    const Fd folder = leftover(path);
    if (!folder) continue;
    kill_stragglers(path);
    auto removed = remove_tree(path);
    if (removed) continue;
    ++left;
    log::warn("a leftover sandbox cannot be removed", {{"error", removed.error().text}});
  }
  return left;
}

Path cluster_templates_in(const Path& scratch) {
  const uid_t user = geteuid() == 0 ? nobody : geteuid();
  std::error_code error;
  Path path = std::filesystem::absolute(scratch, error) /
              (std::string(prefix) + "postgresql-" + std::to_string(user));
  if (error) return {};
  if (mkdir(path.c_str(), 0700) == 0 && user != geteuid() && lchown(path.c_str(), user, user) != 0)
    rmdir(path.c_str());
  return path;
}

std::uintmax_t sandbox_bytes(const Path& scratch, const std::string& run_id) {
  for (const Path& sandbox : sandboxes_in(scratch))
    if (sandbox.filename().native().starts_with(std::string(prefix) + run_id + "-"))
      return bytes_below(sandbox);
  return 0;
}

std::uint64_t count_sandboxes(const Path& scratch) {
  return sandboxes_in(scratch).size();
}

}  // namespace backproof
