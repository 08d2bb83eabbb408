// SPDX-License-Identifier: Apache-2.0
#include "history/owner.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "support/support.h"

using namespace backproof;

TEST_CASE("this process is alive") {
  const history::Owner self = history::this_process();
  CHECK(self.pid == getpid());
  CHECK(self.start > 0);
  CHECK(self.boot.find(" pid:[") == 36);
  CHECK(history::is_alive(self));
}

TEST_CASE("a process of another boot or with another start time is gone") {
  history::Owner other = history::this_process();
  other.boot.replace(0, 36, "00000000-0000-0000-0000-000000000000");
  CHECK_FALSE(history::is_alive(other));
  other = history::this_process();
  ++other.start;
  CHECK_FALSE(history::is_alive(other));
}

TEST_CASE("a process of another PID namespace counts as alive until the machine boots again") {
  history::Owner other = history::this_process();
  other.pid = INT32_MAX;
  CHECK_FALSE(history::is_alive(other));
  other.boot = other.boot.substr(0, 37) + "pid:[1]";
  CHECK(history::is_alive(other));
  other.boot = other.boot.substr(0, 37);  // it could not be told
  CHECK(history::is_alive(other));
  other.boot.replace(0, 36, "00000000-0000-0000-0000-000000000000");
  CHECK_FALSE(history::is_alive(other));
}

TEST_CASE("no process and impossible numbers are gone") {
  history::Owner other = history::this_process();
  for (const std::int64_t pid : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{INT32_MAX}}) {
    other.pid = pid;
    CHECK_FALSE(history::is_alive(other));
  }
}

TEST_CASE("a process of another user is alive") {
  history::Owner init = history::this_process();
  init.pid = 1;
  init.start = 0;
  CHECK(history::is_alive(init));
}

TEST_CASE("a killed process that nobody has waited for is gone") {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    pause();
    _exit(0);
  }
  history::Owner owner = history::this_process();
  owner.pid = child;
  owner.start = 0;
  CHECK(history::is_alive(owner));
  REQUIRE(kill(child, SIGKILL) == 0);
  siginfo_t info{};
  REQUIRE(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
  CHECK_FALSE(history::is_alive(owner));
  REQUIRE(waitpid(child, nullptr, 0) == child);
  CHECK_FALSE(history::is_alive(owner));
}
