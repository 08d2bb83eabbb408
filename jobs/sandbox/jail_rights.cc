// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_rights.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/proc.h"
#include "base/text.h"

namespace backproof {
namespace {

constexpr rlim_t most_descriptors = 256;
constexpr rlim_t most_threads = 512;

Result<void> hand_over(const Path& folder) {
  std::error_code error;
  std::vector<Path> all{folder};
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error))
    all.push_back(it->path());
  if (error) return Error{Cause::isolation, "cannot list the sandbox: " + error.message(), ""};
  for (const Path& path : all)
    if (lchown(path.c_str(), unprivileged_user, unprivileged_user) != 0)
      return errno_error(Cause::isolation, "cannot hand over " + text::printable(path.string()));
  return {};
}

// Every folder on the way to `folder` must let the unprivileged user pass.
Result<void> check_reachable(const Path& folder) {
  if (access(folder.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  Path closed = folder;
  for (Path above = folder.parent_path(); above != above.root_path(); above = above.parent_path())
    if (access(above.c_str(), X_OK) != 0) closed = above;
  return Error{Cause::isolation,
               "the worker's unprivileged user cannot pass through the folder " +
                   text::printable(closed.string()),
               "let others pass (chmod o+x) or put the sandboxes elsewhere"};
}

bool write_text(const char* path, const std::string& content) {
  const Fd fd(open(path, O_WRONLY | O_CLOEXEC));
  return fd &&
         write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size());
}

bool limit(__rlimit_resource resource, rlim_t value) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return false;
  now.rlim_max = std::min(now.rlim_max, value);
  now.rlim_cur = std::min(now.rlim_cur, now.rlim_max);
  return setrlimit(resource, &now) == 0;
}

// Of all processes of this user, as far as they can be seen.
rlim_t threads_of_user() {
  rlim_t sum = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    struct stat facts {};
    const std::string name = it->path().filename().string();
    if (!text::parse_count(name) || stat(it->path().c_str(), &facts) != 0) continue;
    if (facts.st_uid != geteuid()) continue;
    if (const auto process = read_proc_stat(name)) sum += process->threads;
  }
  return sum;
}

bool set_limits(const JailRules& rules, bool limit_threads) {
  bool ok =
      limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, most_descriptors) && limit(RLIMIT_MSGQUEUE, 0);
  if (rules.max_file != 0) {
    ok = limit(RLIMIT_FSIZE, rules.max_file) && ok;
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;  // so that a file that grows too large is an error, EFBIG
    ok = sigaction(SIGXFSZ, &ignore, nullptr) == 0 && ok;
  }
#ifndef BACKPROOF_SANITIZED  // their shadow memory would count
  if (rules.max_memory != 0) ok = limit(RLIMIT_DATA, rules.max_memory) && ok;
#endif
  if (limit_threads) ok = limit(RLIMIT_NPROC, most_threads) && ok;
  // Only what has this limit is held to it: the user's other processes are not.
  else if (rules.is_server())
    ok = limit(RLIMIT_NPROC, threads_of_user() + most_threads) && ok;
  return ok;
}

}  // namespace

void map_user(const UserMap& map) {
  // After a change of user, /proc/self belongs to root until the process is dumpable again.
  prctl(PR_SET_DUMPABLE, 1);
  const auto line = [](unsigned inside, unsigned outside) {
    return std::to_string(inside) + " " + std::to_string(outside) + " 1";
  };
  // Unmapped it works as well: the kernel goes on with the user outside.
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", line(map.user, map.outside_user));
  write_text("/proc/self/gid_map", line(map.group, map.outside_group));
}

void drop_capabilities() {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
    prctl(PR_CAPBSET_DROP, capability);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  syscall(SYS_capset, &header, none.data());
}

Result<void> give_up_root(const Path& folder) {
  if (geteuid() != 0) return {};
  // In a user namespace that knows root only there is no one else to become: such a root has the
  // rights of the user outside, and what it still can is the probe's to say.
  if (lchown(folder.c_str(), unprivileged_user, unprivileged_user) != 0 && errno == EINVAL)
    return {};
  TRY(hand_over(folder));
  if (setgroups(0, nullptr) != 0 ||
      setresgid(unprivileged_user, unprivileged_user, unprivileged_user) != 0 ||
      setresuid(unprivileged_user, unprivileged_user, unprivileged_user) != 0)
    return errno_error(Cause::isolation, "cannot become the unprivileged user");
  return check_reachable(folder);
}

bool enter_namespaces() {
  if (unshare(CLONE_NEWNET) == 0) return true;  // root, before it is given up
  if (geteuid() == 0) return false;             // a second try follows as the unprivileged user
  const uid_t user = geteuid();
  const gid_t group = getegid();
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  map_user({user, group, user, group});
  return true;
}

Result<void> give_up_privileges(const JailRules& rules, pid_t parent, bool limit_threads) {
  umask(077);
  drop_capabilities();
  if (!set_limits(rules, limit_threads))
    return errno_error(Cause::isolation, "cannot set the limits of the process");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0)
    return errno_error(Cause::isolation, "cannot give up new privileges");
  // Forgotten by the kernel whenever the user changes.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    return errno_error(Cause::isolation, "cannot ask to die with the parent");
  if (getppid() != parent) return Error{Cause::isolation, "the parent process is gone", ""};
  return {};
}

}  // namespace backproof
