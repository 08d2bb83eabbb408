// SPDX-License-Identifier: Apache-2.0
// A command that ends whole. Whoever is orphaned below a "child subreaper" becomes its child
// (prctl(2)), so nothing that the command started can get out of sight, whatever sessions and
// groups it makes.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <iostream>
#include <map>

#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "sandbox/guard.h"

namespace backproof {
namespace {

constexpr int could_not = 125;
constexpr int asked_to_end = 128 + SIGTERM;
// What is another user's by then cannot be ended.
constexpr Duration most_ending = std::chrono::seconds(10);
constexpr timespec between_passes{0, 10'000'000};

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);  // which the kernel sends a group of stopped processes with its end
  sigaddset(&set, SIGCHLD);
  return set;
}

bool was_asked_to_end() {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, SIGTERM) == 1;
}

// All below this process, as far as /proc shows them now.
std::vector<pid_t> descendants() {
  std::multimap<std::uint64_t, std::uint64_t> children;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    const auto number = text::parse_count(name);
    if (!number) continue;
    if (const auto stat = read_proc_stat(name)) children.emplace(stat->parent, *number);
  }
  std::vector<pid_t> all{getpid()};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [first, last] = children.equal_range(static_cast<std::uint64_t>(all[i]));
    for (auto it = first; it != last; ++it) all.push_back(static_cast<pid_t>(it->second));
  }
  all.erase(all.begin());
  return all;
}

// False when there is no child left.
bool reap(pid_t script, int& status) {
  while (true) {
    int one = 0;
    const pid_t ended = waitpid(-1, &one, WNOHANG);
    if (ended == script) status = one;
    if (ended == 0) return true;
    if (ended < 0 && errno != EINTR) return false;
  }
}

// A process may fork while it is looked for: again until there is none.
void end_all() {
  const sigset_t set = awaited();
  const Stopwatch watch;
  int ignored = 0;
  while (reap(0, ignored) && watch.took() < most_ending) {
    for (const pid_t process : descendants()) kill(process, SIGKILL);
    sigtimedwait(&set, nullptr, &between_passes);
  }
}

// -1: it was asked to end.
int status_of(pid_t script) {
  const sigset_t set = awaited();
  int status = -1;
  while (status < 0) {
    const int number = sigwaitinfo(&set, nullptr);
    if (number == SIGTERM || number == SIGHUP) return -1;
    if (number == SIGCHLD && !reap(script, status) && status < 0) return -1;
  }
  return status;
}

}  // namespace

int guard_whole(const GuardOrder& order, void (*started)(), void (*execute)(const GuardOrder&)) {
  const sigset_t set = awaited();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &set, &before);
  // Until here the death of the parent is SIGKILL, and nothing was started.
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) {
    std::cerr << "cannot watch what a command starts: " << errno_text(errno) << std::endl;
    return could_not;
  }
  const Fd held(order.held.empty()
                    ? -1
                    : ::open(order.held.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!order.held.empty() && (!held || flock(held.get(), LOCK_SH | LOCK_NB) != 0)) {
    std::cerr << "cannot lock the folder of a command: " << errno_text(errno) << std::endl;
    return could_not;
  }
  // Whoever waits for the lock may have found it free before.
  if (was_asked_to_end()) return asked_to_end;
  started();
  const pid_t script = fork();
  if (script == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execute(order);
    _exit(could_not);
  }
  const int status = script < 0 ? -1 : status_of(script);
  end_all();
  if (script < 0) return could_not;
  if (status < 0) return asked_to_end;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace backproof
