// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "history_runs.h"

// Real processes that use a history. They leave by _exit() with a number instead of by Catch.
namespace backproof::test {

inline constexpr int not_possible_here = 77;

inline pid_t child(const std::function<int()>& work) {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) _exit(work());
  return pid;
}

inline int exit_code(pid_t pid) {
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

// `count` children do `work` at the same moment, after each has called what it is given and got a
// true. Their exit codes.
inline std::vector<int> at_once(int count,
                                const std::function<int(const std::function<bool()>&)>& work) {
  std::array<int, 2> gate{};
  REQUIRE(pipe(gate.data()) == 0);
  std::vector<pid_t> children;
  for (int i = 0; i < count; ++i)
    children.push_back(child([&] {
      close(gate[1]);
      char byte = 0;
      return work([&] { return read(gate[0], &byte, 1) == 0; });
    }));
  close(gate[0]);
  close(gate[1]);
  std::vector<int> codes;
  for (const pid_t pid : children) codes.push_back(exit_code(pid));
  return codes;
}

// From here on this process's mounts are its own, and it may make some. False where it may not.
inline bool own_mounts() {
  const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
  const bool is_root = geteuid() == 0;
  if (unshare(CLONE_NEWNS | (is_root ? 0 : CLONE_NEWUSER)) != 0) return false;
  if (!is_root) {
    // Without numbers of its own it could make no file on what it mounts (user_namespaces(7)).
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << user << ' ' << user << " 1";
    std::ofstream("/proc/self/gid_map") << group << ' ' << group << " 1";
  }
  return mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

// Runs `work` on a store in a child, and kills the child once that is done.
inline void killed_after(const Path& file, const std::function<bool(HistoryStore&)>& work) {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t pid = child([&] {
    const auto store = HistoryStore::open(file);
    const char done = store && work(**store) ? 'y' : 'n';
    if (write(pipe_ends[1], &done, 1) != 1) return 1;
    pause();
    return 0;
  });
  close(pipe_ends[1]);
  char done = 0;
  CHECK(read(pipe_ends[0], &done, 1) == 1);
  close(pipe_ends[0]);
  CHECK(done == 'y');
  REQUIRE(kill(pid, SIGKILL) == 0);
  REQUIRE(waitpid(pid, nullptr, 0) == pid);
}

}  // namespace backproof::test
