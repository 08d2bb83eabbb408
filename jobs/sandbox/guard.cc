// SPDX-License-Identifier: Apache-2.0
#include "sandbox/guard.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <iostream>

#include "base/text.h"
#include "sandbox/jail_rights.h"

namespace backproof {
namespace {

constexpr int script_fd = 9;
constexpr int not_guarded = 125;

// mount_setattr(2), Linux 5.12; older headers lack it.
struct MountAttributes {
  std::uint64_t set = 0, clear = 0, propagation = 0, namespaces = 0;
};
constexpr std::uint64_t read_only = 1;
constexpr unsigned recursive = 0x8000;
constexpr long mount_setattr_number = 442;

Result<void> change(const Path& place, const MountAttributes& attributes) {
  if (syscall(mount_setattr_number, AT_FDCWD, place.c_str(), recursive, &attributes,
              sizeof attributes) == 0)
    return {};
  return errno_error(Cause::isolation,
                     "cannot change the mount of " + text::printable(place.native()));
}

Result<void> mount_at(const char* source, const Path& target, const char* type, unsigned long flags,
                      const char* options = nullptr) {
  if (::mount(source, target.c_str(), type, flags, options) == 0) return {};
  return errno_error(Cause::isolation, "cannot mount at " + text::printable(target.native()));
}

// Sockets that somebody on this host listens on, by the names of their files. To be asked before
// the network namespace is left: then there are none.
std::vector<Path> sockets() {
  std::vector<Path> found;
  const auto table = read_file("/proc/net/unix");
  if (!table) return found;
  for (const std::string_view line : text::split(*table, '\n')) {
    const std::size_t at = line.find(" /");
    if (at != std::string_view::npos) found.emplace_back(line.substr(at + 1));
  }
  return found;
}

bool is_below(const Path& inner, const Path& outer) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

Result<void> hide_sockets(const std::vector<Path>& all, const Path& place) {
  for (const Path& socket : all) {
    struct stat there {};
    if (is_below(socket, "/run") || is_below(socket, place)) continue;
    if (lstat(socket.c_str(), &there) != 0 || !S_ISSOCK(there.st_mode)) continue;
    TRY(mount_at("/dev/null", socket, nullptr, MS_BIND));
  }
  return {};
}

// Everything read-only but `place`. /run, where servers have their sockets, is empty.
Result<void> shut_files(const Path& place, const std::vector<Path>& hidden) {
  TRY(mount_at("none", "/", nullptr, MS_REC | MS_PRIVATE));
  TRY(hide_sockets(hidden, place));
  TRY(mount_at("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=64k"));
  TRY(change("/", {read_only}));
  TRY(mount_at(place.c_str(), place, nullptr, MS_BIND));
  return change(place, {0, read_only});
}

// A root that keeps its rights over files, and none over mounts, devices and the kernel.
void drop_power() {
  if (geteuid() != 0) return drop_capabilities();
  constexpr std::array powers{CAP_SYS_ADMIN, CAP_SYS_RAWIO,  CAP_MKNOD,     CAP_SYS_MODULE,
                              CAP_SYS_BOOT,  CAP_SYS_PTRACE, CAP_NET_ADMIN, CAP_SYS_CHROOT};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> held{};
  syscall(SYS_capget, &header, held.data());
  for (const int power : powers) {
    prctl(PR_CAPBSET_DROP, power);
    auto& word = held.at(static_cast<std::size_t>(power) / 32);
    const std::uint32_t bit = ~(1U << (static_cast<unsigned>(power) % 32));
    word.effective &= bit;
    word.permitted &= bit;
    word.inheritable &= bit;
  }
  syscall(SYS_capset, &header, held.data());
}

void execute(const GuardOrder& order) {
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  dup2(order.input < 0 ? nothing.get() : order.input, STDIN_FILENO);
  if (order.result >= 0) dup2(order.result, STDOUT_FILENO);
  for (const int fd : {order.input, order.result})
    if (fd > STDERR_FILENO) close(fd);
  const rlimit most{order.max_file, order.max_file};
  if (order.max_file != 0) setrlimit(RLIMIT_FSIZE, &most);
  // Of ours it is ignored, and would be so in every pipe of the script.
  std::signal(SIGPIPE, SIG_DFL);
  execl("/bin/sh", "sh", "/proc/self/fd/9", nullptr);
  _exit(127);
}

int code_of(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int waited_for(pid_t child) {
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(-1, &status, 0)) != child)
    if (ended < 0 && errno != EINTR) return not_guarded;
  return code_of(status);
}

// The first process of the namespace: all others end with it, and whoever is orphaned is its child.
[[noreturn]] void become_init(int output, const GuardOrder& order) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    std::cerr << "cannot mount /proc: " << errno_text(errno) << std::endl;
    _exit(not_guarded);
  }
  drop_power();
  std::cerr << guarded_mark << std::flush;
  if (output >= 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
  }
  const pid_t script = fork();
  if (script == 0) execute(order);
  _exit(script < 0 ? not_guarded : waited_for(script));
}

Result<void> shut(const Path& place) {
  if (is_below(place, "/run"))
    return Error{Cause::isolation, "scratch_dir lies below /run, which is hidden", ""};
  const std::vector<Path> hidden = sockets();
  const bool is_root = geteuid() == 0;
  const unsigned user = geteuid(), group = getegid();
  if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | (is_root ? 0 : CLONE_NEWUSER)) != 0)
    return errno_error(Cause::isolation, "cannot make namespaces");
  if (!is_root) map_user({user, group, user, group});
  return shut_files(place, hidden);
}

Result<Fd> open_output(const Path& path) {
  if (path.empty()) return Fd();
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || fchmod(file.get(), 0600) != 0)
    return errno_error(Cause::isolation, "cannot write to " + text::printable(path.native()));
  return file;
}

}  // namespace

std::vector<std::string> guard_arguments(const Path& program, const GuardOrder& order) {
  std::vector<std::string> argv{program.native(), "guard"};
  const auto add = [&](const char* name, const std::string& value) {
    argv.insert(argv.end(), {name, value});
  };
  if (!order.place.empty()) add("--in", order.place.native());
  if (!order.output.empty()) add("--output", order.output.native());
  if (order.whole) argv.emplace_back("--whole");
  if (order.input >= 0) add("--input", std::to_string(order.input));
  if (order.result >= 0) add("--result", std::to_string(order.result));
  if (order.max_file != 0) add("--max-file", std::to_string(order.max_file));
  if (!order.held.empty()) add("--held", order.held.native());
  return argv;
}

int guard_main(const GuardOrder& order) {
  const Path& place = order.place;
  const auto output = open_output(order.output);
  const auto ready = !output         ? Result<void>(output.error())
                     : place.empty() ? Result<void>()
                                     : shut(place);
  if (!ready || dup2(STDIN_FILENO, script_fd) < 0) {
    std::cerr << (ready ? errno_text(errno) : ready.error().text) << std::endl;
    return not_guarded;
  }
  const auto say_mark = [] { std::cerr << guarded_mark << std::flush; };
  if (order.whole) return guard_whole(order, say_mark, execute);
  if (place.empty()) {
    say_mark();
    if (*output) {
      dup2(output->get(), STDOUT_FILENO);
      dup2(output->get(), STDERR_FILENO);
    }
    execute(order);
  }
  const pid_t init = fork();
  if (init == 0) become_init(output->get(), order);
  // Not through exit(): what runs there may look at /proc, which is that of the namespace now.
  _exit(init < 0 ? not_guarded : waited_for(init));
}

}  // namespace backproof
