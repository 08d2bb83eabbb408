// SPDX-License-Identifier: Apache-2.0
#include "sandbox/jail.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <thread>

#include "base/digest.h"
#include "base/process.h"
#include "base/sqlite.h"
#include "base/text.h"
#include "sandbox_jail_child.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("the jail refuses to execute a program") {
  check_refused([] {
    std::array<char*, 1> none{nullptr};
    return execve("/bin/true", none.data(), none.data());
  });
}

TEST_CASE("the jail refuses to execute a file of the sandbox's own") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [](const Path& sandbox) {
      const Path file = sandbox / "program";
      const Fd fd(static_cast<int>(open_for(file, O_WRONLY | O_CREAT)));
      (void)write_all(fd.get(), as_bytes("#!/bin/true\n"));
      std::array<char*, 1> none{nullptr};
      return outcome(execve(file.c_str(), none.data(), none.data()));
    });
    CHECK(told.text == "Operation not permitted");
  }
}

TEST_CASE("the jail refuses to execute a file in memory") {
  check_refused([] {
    const Fd fd(memfd_create("program", 0));
    std::array<char*, 1> none{nullptr};
    return syscall(SYS_execveat, fd.get(), "", none.data(), none.data(), AT_EMPTY_PATH);
  });
}

TEST_CASE("the jail refuses to make processes") {
  const auto gone = [](long pid) {
    if (pid == 0) _exit(0);
    return pid;
  };
  SECTION("by fork") {
    check_refused([&] { return gone(fork()); });
  }
  SECTION("by clone") {
    check_refused(
        [&] { return gone(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0UL)); });
  }
#ifdef SYS_vfork
  SECTION("by vfork") {
    check_refused([&] { return gone(syscall(SYS_vfork)); });
  }
#endif
}

TEST_CASE("the jail says that there is no clone3, so that the C library falls back to clone") {
  const Told told =
      in_jail(Start::as_is, [](const Path&) { return outcome(syscall(SYS_clone3, nullptr, 0UL)); });
  CHECK(told.text == errno_text(ENOSYS));
}

TEST_CASE("the jail answers calls newer than its list as an older kernel would") {
  constexpr long fchmodat2 = 452;
  const Told told = in_jail(Start::as_is, [&](const Path&) {
    return outcome(syscall(fchmodat2, AT_FDCWD, ".", 0700, 0));
  });
  CHECK(told.text == errno_text(ENOSYS));
}

TEST_CASE("the jail refuses sockets of every family") {
  const int family = GENERATE(AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK);
  check_refused([=] { return socket(family, SOCK_STREAM, 0); });
  check_refused([=] { return socket(family, SOCK_DGRAM, 0); });
}

TEST_CASE("the jail refuses socket pairs") {
  check_refused([] {
    std::array<int, 2> pair{};
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data());
  });
}

TEST_CASE("the jail refuses to connect a socket made before") {
  const Fd tcp(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Fd local(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  SECTION("to TCP") {
    check_refused([&] {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(9);
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      return connect(tcp.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    });
  }
  SECTION("to a unix socket") {
    check_refused([&] {
      sockaddr_un to{};
      to.sun_family = AF_UNIX;
      std::copy_n("/run/x.sock", 12, static_cast<char*>(to.sun_path));
      return connect(local.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    });
  }
}

TEST_CASE("the jail refuses to write outside the sandbox") {
  const std::string folder = GENERATE("/tmp", "/var/tmp", "/dev/shm");
  check_refused([=] { return open_for(Path(folder) / "backproof-jail-test", O_WRONLY | O_CREAT); });
  check_refused([=] { return mkdir((folder + "/backproof-jail-test").c_str(), 0700); });
  check_refused([=] { return symlink("x", (folder + "/backproof-jail-test").c_str()); });
}

TEST_CASE("the jail refuses to write into the folder above the sandbox") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [](const Path& sandbox) {
      return outcome(open_for(sandbox.parent_path() / "x", O_WRONLY | O_CREAT));
    });
    CHECK(told.text == "Permission denied");
  }
}

TEST_CASE("the jail refuses to change or remove a file outside that is the worker's own") {
  using Act = std::function<long(const Path&)>;
  const Act act = GENERATE(
      Act([](const Path& file) { return open_for(file, O_WRONLY); }),
      Act([](const Path& file) { return open_for(file, O_RDONLY); }),
      Act([](const Path& file) { return open_for(file, O_WRONLY | O_TRUNC); }),
      Act([](const Path& file) { return truncate(file.c_str(), 0); }),
      Act([](const Path& file) { return unlink(file.c_str()); }),
      Act([](const Path& file) { return chmod(file.c_str(), 0777); }),
      Act([](const Path& file) { return rename(file.c_str(), (file.string() + "2").c_str()); }),
      Act([](const Path& file) { return utimensat(AT_FDCWD, file.c_str(), nullptr, 0); }),
      Act([](const Path& file) { return setxattr(file.c_str(), "user.x", "y", 1, 0); }));
  const Place place(Start::as_is);
  const Path mine = place.folder().write("mine.txt", "content");
  if (geteuid() == 0) {
    std::filesystem::permissions(place.folder().path(), std::filesystem::perms{0777});
    REQUIRE(chown(mine.c_str(), some_user, some_user) == 0);
  }
  JailRules rules;
  rules.writable = place.folder() / "sandbox";
  if (geteuid() == 0) REQUIRE(chown(rules.writable.c_str(), some_user, some_user) == 0);
  const Told told = in_child(Start::unprivileged, [&] {
    const auto proof = enter_jail(rules);
    return proof ? outcome(act(mine)) : proof.error().str();
  });
  INFO(told.text);
  CHECK((told.text == "Operation not permitted" || told.text == "Permission denied"));
  CHECK(read_file(mine).value() == "content");
}

TEST_CASE("the jail refuses to change the mode of a backup that is open for reading") {
  const Folder folder;
  const Path backup = folder.write("backup.db", "bytes");
  const Fd fd = open_readonly(backup).value();
  if (geteuid() == 0) REQUIRE(chown(backup.c_str(), some_user, some_user) == 0);
  check_refused([&] { return fchmod(fd.get(), 0777); });
}

TEST_CASE("the jail refuses to read files and folders outside") {
  const std::string path =
      GENERATE("/etc/passwd", "/etc", "/", "/tmp", "/proc/1/cmdline", "/proc", "/bin/sh");
  check_refused([=] { return open_for(path, O_RDONLY); });
}

TEST_CASE("the jail refuses to signal other processes") {
  const pid_t parent = getpid();
  check_refused([=] { return kill(parent, 0); });
  check_refused([=] { return syscall(SYS_tgkill, parent, parent, 0); });
  check_refused([=] { return kill(-1, 0); });
  check_refused([=] { return syscall(SYS_pidfd_open, parent, 0U); });
}

TEST_CASE("the jail refuses to look into or steer other processes") {
  const pid_t parent = getpid();
  check_refused([=] { return ptrace(PTRACE_ATTACH, parent, nullptr, nullptr); });
  check_refused(
      [=] { return syscall(SYS_process_vm_readv, parent, nullptr, 0UL, nullptr, 0UL, 0UL); });
  check_refused([=] { return syscall(SYS_prlimit64, parent, RLIMIT_CORE, nullptr, nullptr); });
  check_refused([=] { return setpriority(PRIO_USER, 0, 19); });
}

TEST_CASE("the jail refuses to leave the group by which it is killed") {
  check_refused([] { return setsid(); });
  check_refused([] { return setpgid(0, 0); });
  check_refused([] { return prctl(PR_SET_PDEATHSIG, 0); });
}

TEST_CASE("the jail refuses the interfaces of the kernel that no database needs") {
  SECTION("mount") {
    check_refused([] { return mount("none", "/", nullptr, MS_REMOUNT, nullptr); });
  }
  SECTION("namespaces") {
    check_refused([] { return unshare(0); });
    check_refused([] { return setns(0, 0); });
  }
  SECTION("bpf") {
    check_refused([] { return syscall(SYS_bpf, -1, nullptr, 0U); });
  }
  SECTION("io_uring") {
    check_refused([] { return syscall(SYS_io_uring_setup, 1U, nullptr); });
  }
  SECTION("keys") {
    check_refused([] { return syscall(SYS_keyctl, -1, 0, 0, 0, 0); });
    check_refused([] { return syscall(SYS_add_key, nullptr, nullptr, nullptr, 0UL, 0); });
  }
  SECTION("perf") {
    check_refused([] { return syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0UL); });
  }
  SECTION("userfaultfd") {
    check_refused([] { return syscall(SYS_userfaultfd, 1); });
  }
  SECTION("handles of files") {
    check_refused([] { return syscall(SYS_open_by_handle_at, AT_FDCWD, nullptr, 0); });
    check_refused([] { return syscall(SYS_name_to_handle_at, AT_FDCWD, "", nullptr, nullptr, 0); });
  }
  SECTION("modules") {
    check_refused([] { return syscall(SYS_finit_module, -1, "", 0); });
    check_refused([] { return syscall(SYS_kexec_load, 0UL, 0UL, nullptr, 0UL); });
  }
  SECTION("shared memory by key") {
    check_refused([] { return shmget(IPC_PRIVATE, 4096, 0600); });
  }
  SECTION("fanotify and inotify") {
    check_refused([] { return syscall(SYS_fanotify_init, 0U, 0U); });
    check_refused([] { return syscall(SYS_inotify_add_watch, -1, "/", 1U); });
  }
}

TEST_CASE("the jail lets no one become root again") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [](const Path&) {
      return std::string(setresuid(0, 0, 0) == 0 || geteuid() == 0 ? "root" : "no") +
             (setgroups(0, nullptr) == 0 ? " groups" : "");
    });
    CHECK(told.text == "no");
  }
}

#ifdef __x86_64__
TEST_CASE("a call through the table of another architecture kills the worker") {
  constexpr long x32_getpid = 0x40000000 + 39;
  const Told told = in_jail(Start::as_is, [](const Path&) { return outcome(syscall(x32_getpid)); });
  CHECK(signal_name(told.signal) == "SIGSYS");
}
#endif
