// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;

namespace {

Output sh_output(const std::string& script, const std::string& input = "", Duration deadline = 1min,
                 std::size_t cap = 1U << 20U) {
  auto output = run({{"/bin/sh", "-c", script}, {}, input}, deadline, cap);
  REQUIRE(output);
  return *std::move(output);
}

// Blocks until there is something to read or the other end is closed; false after a minute.
bool readable(int fd) {
  pollfd one{fd, POLLIN, 0};
  return poll(&one, 1, 60'000) == 1;
}

bool is_alive(pid_t pid) {
  return kill(pid, 0) == 0;
}

}  // namespace

TEST_CASE("a command's output, errors and exit code come back") {
  const Output output = sh_output("echo out; echo err >&2; exit 3");
  CHECK(output.out == "out\n");
  CHECK(output.err == "err\n");
  CHECK(output.ended.exit_code == 3);
  CHECK(output.ended.signal == 0);
  CHECK_FALSE(output.ended.ok());
  CHECK(output.ended.str() == "exit code 3");
  CHECK_FALSE(output.timed_out);
}

TEST_CASE("a command that is killed is told by its signal") {
  const Output output = sh_output("kill -SEGV $$");
  CHECK(output.ended.signal == SIGSEGV);
  CHECK(output.ended.str() == "killed by SIGSEGV");
  CHECK_FALSE(output.ended.ok());
}

TEST_CASE("signals have names, and numbers where they have none") {
  CHECK(signal_name(SIGKILL) == "SIGKILL");
  CHECK(signal_name(SIGSYS) == "SIGSYS");
  CHECK(signal_name(77) == "signal 77");
}

TEST_CASE("arguments reach the program as they are") {
  const auto output = run({{"/bin/echo", "-n", "$HOME; `ls` 'x'\n*"}, {}, ""}, 1min);
  REQUIRE(output);
  CHECK(output->out == "$HOME; `ls` 'x'\n*");
}

TEST_CASE("a program without a slash is searched in PATH") {
  CHECK(run({{"true"}, {}, ""}, 1min)->ended.ok());
  CHECK(run({{"true"}, {{{"PATH", "/nowhere:/usr/bin:/bin"}}}, ""}, 1min)->ended.ok());
  const auto missing = run({{"true"}, {{{"PATH", "/nowhere"}}}, ""}, 1min);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().cause == Cause::missing_tool);
  CHECK(missing.error().text == "no program true in PATH");
}

TEST_CASE("a program that cannot be started is an error that names it") {
  const auto missing = run({{"/nowhere/program"}, {}, ""}, 1min);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().cause == Cause::missing_tool);
  CHECK(missing.error().text == "cannot start /nowhere/program: No such file or directory");
  CHECK_FALSE(run({{"/etc/passwd"}, {}, ""}, 1min));
  CHECK_FALSE(run({{}, {}, ""}, 1min));
}

TEST_CASE("the environment is ours, or exactly what is given") {
  CHECK(run({{"/usr/bin/env"}, {{{"A", "1"}, {"B", "x y"}}}, ""}, 1min)->out == "A=1\nB=x y\n");
  CHECK(run({{"/usr/bin/env"}, {}, ""}, 1min)->out.find("PATH=") != std::string::npos);
}

TEST_CASE("input larger than any pipe arrives while output of the same size comes back") {
  const std::string input = test::Random(1).bytes(4U << 20U);
  const Output output = sh_output("cat", input, 1min, 8U << 20U);
  CHECK(output.out == input);
}

TEST_CASE("without input a command reads an empty stdin") {
  CHECK(sh_output("wc -c").out == "0\n");
}

TEST_CASE("output beyond the cap is read and dropped") {
  const Output output = sh_output("head -c 1000000 /dev/zero; echo end >&2", "", 1min, 1000);
  CHECK(output.out == std::string(1000, '\0'));
  CHECK(output.err == "end\n");
  CHECK(output.ended.ok());
}

TEST_CASE("a command that hangs is killed at its deadline with all its children") {
  const Output output = sh_output("sleep 1000 & echo $!; sleep 1000", "", 300ms);
  CHECK(output.timed_out);
  CHECK(output.ended.signal == SIGKILL);
  // The child's child was killed with the group; as an orphan it stays a zombie until init comes.
  const Path stat_file = "/proc/" + output.out.substr(0, output.out.find('\n')) + "/stat";
  const auto is_dead = [&] {
    const auto stat = read_file(stat_file);
    return !stat || stat->find(") Z ") != std::string::npos;
  };
  const Stopwatch watch;
  while (!is_dead() && watch.took() < 30s) sched_yield();
  CHECK(is_dead());
}

TEST_CASE("a command that floods its output does not outlive its deadline") {
  const Output output = sh_output("yes & yes >&2", "", 300ms, 10);
  CHECK(output.timed_out);
  CHECK(output.out == "y\ny\ny\ny\ny\n");
}

TEST_CASE("what a command leaves running in its group ends with it") {
  const Output output = sh_output("sleep 1000 & exit 0");
  CHECK(output.ended.ok());
  CHECK_FALSE(output.timed_out);
}

TEST_CASE("a command that closed its output is still waited for") {
  const Output output = sh_output("exec >&- 2>&-; read x; exit 7", "line\n");
  CHECK(output.ended.exit_code == 7);
}

TEST_CASE("a child is the leader of a group of its own") {
  const Output output = sh_output("echo $$; cut -d' ' -f5 /proc/$$/stat");
  const auto end = output.out.find('\n');
  CHECK(output.out == output.out.substr(0, end + 1) + output.out.substr(0, end + 1));
}

TEST_CASE("a child inherits the standard descriptors only") {
  const Fd kept_open(open("/dev/null", O_RDONLY));  // deliberately without O_CLOEXEC
  REQUIRE(kept_open);
  CHECK(sh_output("ls /proc/$$/fd").out == "0\n1\n2\n");
}

TEST_CASE("a child starts with no signal blocked or ignored") {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto handler = signal(SIGPIPE, SIG_IGN);
  // Not a shell, which would change them itself.
  const auto output = run({{"/bin/grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"}, {}, ""}, 1min);
  signal(SIGPIPE, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  REQUIRE(output);
  CHECK(output->out == "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a child can send events on descriptor 3") {
  auto child =
      Child::start({{"/bin/sh", "-c", "echo event >&3"}, {}, ""}, Child::Extra::event_channel);
  REQUIRE(child);
  REQUIRE(readable(child->events()));
  std::array<char, 16> buffer{};
  CHECK(read(child->events(), buffer.data(), buffer.size()) == 6);
  REQUIRE(readable(child->pidfd()));
  CHECK(child->wait().ok());
  child->kill_group();  // harmless afterwards
}

TEST_CASE("a child that is let go of is killed and reaped") {
  pid_t pid = -1;
  {
    const auto child = Child::start({{"sleep", "1000"}, {}, ""});
    REQUIRE(child);
    pid = child->pid();
    CHECK(is_alive(pid));
  }
  CHECK_FALSE(is_alive(pid));
}

TEST_CASE("a child that left its group is killed all the same") {
  auto child = Child::start({{"/bin/bash", "-c", "set -m; exec setsid --fork true"}, {}, ""});
  REQUIRE(child);
  child->kill_group();
  CHECK(readable(child->pidfd()));
  (void)child->wait();
}

TEST_CASE("a moved child is the same child") {
  auto first = Child::start({{"sleep", "1000"}, {}, ""});
  REQUIRE(first);
  const pid_t pid = first->pid();
  Child second = *std::move(first);
  CHECK(second.pid() == pid);
  CHECK(is_alive(pid));
  second.kill_group();
  CHECK(second.wait().signal == SIGKILL);
}

TEST_CASE("a child dies with the thread that started it") {
  std::optional<Result<Child>> child;
  std::thread([&] { child = Child::start({{"sleep", "1000"}, {}, ""}); }).join();
  REQUIRE(*child);
  CHECK(readable((*child)->pidfd()));
  CHECK((*child)->wait().signal == SIGKILL);
}

TEST_CASE("children can be started from many threads at once") {
  std::array<std::string, 8> out;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < out.size(); ++i)
    threads.emplace_back([&out, i] {
      for (int round = 0; round < 5; ++round)
        if (const auto o = run({{"/bin/echo", "-n", std::to_string(i)}, {}, ""}, 1min))
          out[i] += o->out;
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == std::string(5, "01234567"[i]));
}

TEST_CASE("what a child used is measured") {
  const Output output = sh_output("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
  CHECK(output.ended.user + output.ended.system > Duration::zero());
  CHECK(output.ended.max_rss > 100'000);
}
