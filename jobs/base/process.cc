// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.h"

namespace backproof {
namespace {

constexpr unsigned close_range_cloexec = 4;  // CLOSE_RANGE_CLOEXEC of linux/close_range.h
constexpr int exec_failed = 127;
constexpr int high_fd = 16;  // above every number that the child's own descriptors get

// Everything the child needs between fork and exec, made before the fork: afterwards only
// async-signal-safe calls are allowed, because another thread may have held any lock.
struct Launch {
  std::string program;
  std::vector<std::string> env_text;
  std::vector<char*> argv, envp;
  Fd in, out, err, report;  // the child's ends; all at high_fd or above
  std::vector<Fd> further;  // its 3, 4, ...; likewise
  pid_t parent = 0;
};

struct Pipe {
  Fd read, write;
};

// Moved up, so that no dup2() onto 0..3 overwrites a descriptor that is still needed.
Result<Fd> moved_up(Fd fd) {
  const int high = fcntl(fd.get(), F_DUPFD_CLOEXEC, high_fd);
  if (high < 0 && errno == EINVAL) errno = EMFILE;  // not so many may be open
  if (high < 0) return errno_error(Cause::internal, "cannot duplicate a descriptor");
  return Fd(high);
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error(Cause::internal, "cannot make a pipe");
  Fd read(ends[0]);
  Fd write(ends[1]);
  TRY_ASSIGN(Fd high_read, moved_up(std::move(read)));
  TRY_ASSIGN(Fd high_write, moved_up(std::move(write)));
  return Pipe{std::move(high_read), std::move(high_write)};
}

// A pipe whose read end, ours, never blocks.
Result<Pipe> make_output_pipe() {
  TRY_ASSIGN(Pipe pipe, make_pipe());
  if (fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK) != 0)
    return errno_error(Cause::internal, "cannot make a pipe non-blocking");
  return pipe;
}

// `read` is our end, which never blocks, of a channel that goes both ways.
Result<Pipe> make_channel() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return errno_error(Cause::internal, "cannot make a pair of sockets");
  Fd ours(ends[0]);
  Fd theirs(ends[1]);
  TRY_ASSIGN(Fd high_ours, moved_up(std::move(ours)));
  TRY_ASSIGN(Fd high_theirs, moved_up(std::move(theirs)));
  if (fcntl(high_ours.get(), F_SETFL, O_NONBLOCK) != 0)
    return errno_error(Cause::internal, "cannot make a socket non-blocking");
  return Pipe{std::move(high_ours), std::move(high_theirs)};
}

// The whole input as a sealed file in memory: unlike a pipe it can neither fill up while the
// child's output waits to be read nor raise SIGPIPE.
Result<Fd> make_input(const std::string& input) {
  if (input.empty()) {
    Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return errno_error(Cause::internal, "cannot open /dev/null");
    return moved_up(std::move(null));
  }
  Fd file(memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return errno_error(Cause::internal, "cannot make a file in memory");
  TRY(write_all(file.get(), as_bytes(input)));
  if (lseek(file.get(), 0, SEEK_SET) != 0 ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return errno_error(Cause::internal, "cannot seal a file in memory");
  return moved_up(std::move(file));
}

// The program as a path: as it is when it has a slash, else the first executable in PATH.
std::string find_program(const Command& command) {
  const std::string& name = command.argv.front();
  if (name.find('/') != std::string::npos) return name;
  std::string path;
  if (command.env) {
    if (const auto found = command.env->find("PATH"); found != command.env->end())
      path = found->second;
  } else if (const char* ours = std::getenv("PATH"); ours != nullptr) {
    path = ours;
  }
  if (path.empty()) path = "/usr/local/bin:/usr/bin:/bin";
  for (const std::string_view folder : text::split(path, ':')) {
    if (folder.empty()) continue;  // would mean the current folder: nobody wants that
    std::string candidate = std::string(folder) + "/" + name;
    struct stat facts {};
    if (stat(candidate.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) &&
        access(candidate.c_str(), X_OK) == 0)
      return candidate;
  }
  return {};
}

void fill_vectors(const Command& command, Launch& launch) {
  for (const std::string& arg : command.argv) launch.argv.push_back(const_cast<char*>(arg.c_str()));
  launch.argv.push_back(nullptr);
  if (command.env) {
    for (const auto& [key, value] : *command.env) launch.env_text.push_back(key + "=" + value);
    for (std::string& entry : launch.env_text) launch.envp.push_back(entry.data());
  } else {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
      launch.envp.push_back(*entry);
  }
  launch.envp.push_back(nullptr);
}

// Marks everything from `first` on to be closed by exec.
void close_others_at_exec(unsigned first) noexcept {
  if (syscall(SYS_close_range, first, UINT_MAX, close_range_cloexec) == 0) return;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const int last = limit.rlim_cur > 65536 ? 65536 : static_cast<int>(limit.rlim_cur);
  for (int fd = static_cast<int>(first); fd < last; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// The child between fork and exec. Async-signal-safe calls only.
[[noreturn]] void become(const Launch& launch) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(exec_failed);  // it died before the signal was set
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number <= SIGRTMAX; ++number) sigaction(number, &plain, nullptr);
  bool wired = dup2(launch.in.get(), 0) == 0 && dup2(launch.out.get(), 1) == 1 &&
               dup2(launch.err.get(), 2) == 2;
  int next = 3;
  for (const Fd& fd : launch.further) {
    wired = wired && dup2(fd.get(), next) == next;
    ++next;
  }
  if (wired) {
    close_others_at_exec(static_cast<unsigned>(next));
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(launch.program.c_str(), launch.argv.data(), launch.envp.data());
  }
  const int number = errno;
  while (write(launch.report.get(), &number, sizeof number) < 0 && errno == EINTR) {
  }
  _exit(exec_failed);
}

// Forks with all signals blocked, so that no handler of ours ever runs in the child.
pid_t fork_blocked(const Launch& launch) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = fork();
  if (pid == 0) become(launch);
  const int number = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = number;
  return pid;
}

// What the child says before it has become the program: its errno, or 0 once exec closed the pipe.
int exec_error(int fd) {
  int number = 0;
  ssize_t n = 0;
  do n = read(fd, &number, sizeof number);
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof number) ? number : 0;
}

Error cannot_start(const std::string& program, int number) {
  const bool missing = number == ENOENT || number == EACCES || number == ENOEXEC;
  return {missing ? Cause::missing_tool : Cause::internal,
          "cannot start " + text::printable(program) + ": " + errno_text(number),
          missing ? "is the program installed and executable?" : ""};
}

Duration duration_of(const timeval& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

}  // namespace

std::string Ended::str() const {
  return signal != 0 ? "killed by " + signal_name(signal)
                     : "exit code " + std::to_string(exit_code);
}

Result<Child> Child::start(const Command& command, Extra extra) {
  if (command.argv.empty()) return Error{Cause::internal, "no program was given", ""};
  Launch launch;
  launch.program = find_program(command);
  if (launch.program.empty())
    return Error{Cause::missing_tool,
                 "no program " + text::printable(command.argv.front()) + " in PATH",
                 "is it installed?"};
  fill_vectors(command, launch);
  launch.parent = getpid();
  TRY_ASSIGN(launch.in, make_input(command.input));
  TRY_ASSIGN(Pipe out, make_output_pipe());
  TRY_ASSIGN(Pipe err, make_output_pipe());
  Pipe events;
  if (extra == Extra::event_channel) {
    TRY_ASSIGN(events, make_channel());
    launch.further.push_back(std::move(events.write));
  }
  for (const int fd : command.passed) {
    const int high = fcntl(fd, F_DUPFD_CLOEXEC, high_fd);
    if (high < 0) return errno_error(Cause::internal, "cannot duplicate a descriptor");
    launch.further.emplace_back(high);
  }
  TRY_ASSIGN(Pipe report, make_pipe());
  launch.out = std::move(out.write);
  launch.err = std::move(err.write);
  launch.report = std::move(report.write);

  Child child;
  child.pid_ = fork_blocked(launch);
  if (child.pid_ < 0) return errno_error(Cause::internal, "cannot fork");
  // By both sides, whichever comes first: kill_group() must never find no group. Fails once the
  // child has called exec, which then did it itself.
  setpgid(child.pid_, child.pid_);
  launch.report.reset();
  launch.further.clear();
  child.out_ = std::move(out.read);
  child.err_ = std::move(err.read);
  child.events_ = std::move(events.read);
  if (const int number = exec_error(report.read.get()); number != 0)
    return cannot_start(launch.program, number);
  child.pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0U)));
  if (!child.pidfd_) return errno_error(Cause::internal, "cannot open a pidfd");
  return child;
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      events_(std::move(other.events_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(out_, other.out_);
  std::swap(err_, other.err_);
  std::swap(events_, other.events_);
  return *this;
}

Child::~Child() {
  if (pid_ < 0) return;
  kill_group();
  wait();
}

void Child::kill_group() const {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL);  // also when it left its group; not yet reaped, so the pid is still its own
}

void Child::ask_to_end() const {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

Ended Child::wait() {
  siginfo_t info{};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  // The zombie still holds the number of the group: nobody else's group can be hit.
  kill(-pid_, SIGKILL);
  int status = 0;
  rusage used{};
  while (wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  Ended ended;
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
  ended.user = duration_of(used.ru_utime);
  ended.system = duration_of(used.ru_stime);
  ended.max_rss = static_cast<std::uintmax_t>(used.ru_maxrss) * 1024U;
  return ended;
}

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(number);
}

}  // namespace backproof
