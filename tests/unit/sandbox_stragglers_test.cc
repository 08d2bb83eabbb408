// SPDX-License-Identifier: Apache-2.0
#include "sandbox/stragglers.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A process that works in `folder`, until it is killed.
pid_t at_work(const Path& folder, bool jailed) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    if (chdir(folder.c_str()) != 0 || (jailed && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0))
      _exit(1);
    (void)write_all(write_end.get(), as_bytes("r"));
    while (true) pause();
  }
  write_end.reset();
  char ready = 0;
  REQUIRE(read(read_end.get(), &ready, 1) == 1);
  return pid;
}

int signal_that_ended(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("jailed processes that work below a sandbox are killed") {
  const Folder folder;
  std::filesystem::create_directories(folder / "sandbox/deep");
  const pid_t top = at_work(folder / "sandbox", true);
  const pid_t deep = at_work(folder / "sandbox/deep", true);
  CHECK(kill_stragglers(folder / "sandbox") == 2);
  CHECK(signal_that_ended(top) == SIGKILL);
  CHECK(signal_that_ended(deep) == SIGKILL);
}

TEST_CASE("nobody else is killed: not a person's shell there, not the neighbour's server") {
  const Folder folder;
  std::filesystem::create_directories(folder / "sandbox");
  std::filesystem::create_directories(folder / "sandbox-2");
  const pid_t shell = at_work(folder / "sandbox", false);
  const pid_t neighbour = at_work(folder / "sandbox-2", true);
  CHECK(kill_stragglers(folder / "sandbox") == 0);
  for (const pid_t pid : {shell, neighbour}) {
    CHECK(waitpid(pid, nullptr, WNOHANG) == 0);
    kill(pid, SIGUSR1);
    CHECK(signal_that_ended(pid) == SIGUSR1);
  }
  CHECK(kill_stragglers(folder / "missing") == 0);
}
