// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail_probe.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <tuple>

#include "base/text.h"

namespace backproof {
namespace {

// The last call failed, and because it is forbidden.
bool forbidden(long result) {
  return result < 0 && (errno == EPERM || errno == EACCES);
}

// An address the kernel can read nothing from: an exec that no one forbids ends there with EFAULT
// instead of replacing this process.
bool exec_held() {
  char** const unreadable = reinterpret_cast<char**>(std::uintptr_t{1});
  return forbidden(syscall(SYS_execve, "/bin/sh", unreadable, unreadable)) &&
         forbidden(syscall(SYS_execveat, AT_FDCWD, "/bin/sh", unreadable, unreadable, 0));
}

// Where fork is allowed the kernel can be asked without tricks: a shell that starts says so.
bool exec_by_child_held() {
  constexpr int was_forbidden = 77;
  const pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", "exit 0", nullptr);
    _exit(forbidden(-1) ? was_forbidden : 0);
  }
  int status = 0;
  const bool ended = waitpid(pid, &status, 0) == pid;
  return ended && WIFEXITED(status) && WEXITSTATUS(status) == was_forbidden;
}

bool fork_held() {
  const long pid = syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0UL);
  if (pid == 0) _exit(0);
  const bool held = forbidden(pid);
  if (pid > 0) waitpid(static_cast<pid_t>(pid), nullptr, 0);
  return held;
}

bool sockets_held(std::initializer_list<int> families) {
  bool held = true;
  for (const int family : families)
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
      const Fd socket_made(socket(family, type | SOCK_CLOEXEC, 0));
      held = forbidden(socket_made.get()) && held;
    }
  return held;
}
bool datagrams_held(std::initializer_list<int> families) {
  bool held = true;
  for (const int family : families) {
    const Fd datagrams(socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    held = forbidden(datagrams.get()) && held;
  }
  return held;
}
bool no_connection(int family) {
  sockaddr_storage to{};  // "" or 0.0.0.0, port 0: refused for what it is only when let through
  to.ss_family = static_cast<sa_family_t>(family);
  const Fd stream(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return forbidden(connect(stream.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to));
}
bool no_listening(int family) {
  sockaddr_storage at{};
  at.ss_family = static_cast<sa_family_t>(family);
  const Fd stream(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return forbidden(bind(stream.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at)) &&
         forbidden(listen(stream.get(), 1));
}

bool network_held(const JailRules& rules) {
  if (!rules.internet) return sockets_held({AF_INET, AF_INET6, AF_NETLINK});
  return sockets_held({AF_NETLINK}) && datagrams_held({AF_INET, AF_INET6}) &&
         no_connection(AF_INET) && no_listening(AF_INET);
}
bool unix_sockets_held(const JailRules& rules) {
  std::array<int, 2> pair{};
  const bool held = forbidden(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()));
  if (!held) {
    close(pair[0]);
    close(pair[1]);
  }
  if (rules.is_server()) return datagrams_held({AF_UNIX}) && no_connection(AF_UNIX) && held;
  if (rules.serve_connects)
    return datagrams_held({AF_UNIX}) && no_connection(AF_UNIX) && no_listening(AF_UNIX) && held;
  return sockets_held({AF_UNIX}) && held;
}

// A new file that must not come to be; when it does, it goes again.
bool no_file_in(const Path& folder) {
  const Path file = folder / (".backproof-probe-" + std::to_string(getpid()));
  const Fd made(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (made) unlink(file.c_str());
  return !made && errno != EEXIST;
}
bool writing_outside_held(const Path& writable) {
  bool held = no_file_in(writable.parent_path());
  for (const char* folder : {"/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/home"})
    held = no_file_in(folder) && held;
  return held;
}

bool reading_outside_held(const Path& writable) {
  bool held = true;
  const Path above = writable.parent_path();
  for (const char* path :
       {"/etc/passwd", "/proc/self/environ", "/proc/1/cmdline", "/etc", "/", above.c_str()}) {
#ifdef BACKPROOF_SANITIZED
    if (std::string_view(path).starts_with("/proc/self")) continue;
#endif
    const Fd opened(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    held = !opened && held;
  }
  return held;
}

bool no_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  for (const auto& word : data)
    if ((word.effective | word.permitted | word.inheritable) != 0) return false;
  return true;
}
// A container may give an ordinary user the group 0; that is no root, and Landlock holds what the
// group could open.
bool root_held() {
  const bool in_group = getgid() == 0 && getegid() == 0;
  return geteuid() != 0 && getuid() != 0 && setresuid(0, 0, 0) != 0 &&
         (in_group || setresgid(0, 0, 0) != 0) && no_capabilities();
}

// Each with an argument that would be refused for another reason if the call were let through.
bool other_processes_held(const JailRules& rules) {
  // A server's processes may signal each other; in a namespace of their own, no one else.
  const bool signals = rules.keeper_is_init ? getppid() == 1 : forbidden(kill(getppid(), 0));
  return signals && forbidden(kill(0, 0)) && forbidden(kill(-1, 0)) &&
         forbidden(ptrace(PTRACE_PEEKDATA, 0, nullptr, nullptr)) &&
         forbidden(syscall(SYS_process_vm_readv, getppid(), nullptr, 0UL, nullptr, 0UL, 1UL)) &&
         forbidden(syscall(SYS_pidfd_open, getppid(), 0U));
}
bool kernel_held() {
  return forbidden(unshare(0)) && forbidden(syscall(SYS_io_uring_setup, 0U, nullptr)) &&
         forbidden(syscall(SYS_bpf, -1, nullptr, 0U)) &&
         forbidden(syscall(SYS_keyctl, -1, 0, 0, 0, 0));
}

Result<void> work_inside(const Path& file) {
  const Fd fd(open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  // A full file system says nothing of the jail.
  const bool full = !fd && (errno == ENOSPC || errno == EDQUOT);
  const Result<void> made =
      fd ? write_all(fd.get(), as_bytes("written from inside"))
         : errno_error(full ? Cause::space : Cause::isolation, "cannot make a file");
  if (made) return {};
  Error error = made.error().while_doing("cannot write into the sandbox");
  if (error.cause == Cause::space)
    error.hint = "make room, or inodes, or put the sandboxes on a larger file system";
  return error;
}
// Of a file that is ours: no right of the file system is in the way.
bool modes_held(const Path& file) {
  return forbidden(chmod(file.c_str(), 0644)) && forbidden(truncate(file.c_str(), 0));
}
// A server is told that it was done.
bool modes_pretended(const Path& file) {
  constexpr mode_t bits = 07777;
  struct stat facts {};
  std::ignore = chmod(file.c_str(), 0644);
  return stat(file.c_str(), &facts) == 0 && (facts.st_mode & bits) == 0600 &&
         forbidden(utimensat(AT_FDCWD, file.c_str(), nullptr, 0)) &&
         forbidden(lchown(file.c_str(), geteuid(), getegid()));
}

}  // namespace

Result<JailProof> probe_jail(const JailRules& rules, bool closed) {
  const Path& writable = rules.writable;
  const Path inside = writable / ".backproof-probe";
  TRY(work_inside(inside));
  JailProof proof;
  const auto note = [&](bool held, const char* what) {
    (held ? proof.held : proof.broken).emplace_back(what);
  };
  note(rules.is_server() ? exec_by_child_held() : exec_held(), "exec");
  if (!rules.is_server()) note(fork_held(), "fork");
  note(network_held(rules), "network");
  note(unix_sockets_held(rules), "unix sockets");
  note(writing_outside_held(writable), "write outside");
  note(reading_outside_held(writable), "read outside");
  note(rules.is_server() ? modes_pretended(inside) : modes_held(inside), "change modes");
  note(root_held(), "become root");
  note(other_processes_held(rules), "other processes");
  note(kernel_held(), "kernel interfaces");
  if (unlink(inside.c_str()) != 0)
    return errno_error(Cause::isolation, "cannot remove a file in the sandbox");
  proof.isolation = !closed                ? Isolation::none
                    : proof.broken.empty() ? Isolation::full
                                           : Isolation::partial;
  return proof;
}

}  // namespace backproof
