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
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

namespace {

enum class Start { as_is, unprivileged };
constexpr uid_t some_user = 1234;

// What a jailed child said, and how it ended.
struct Told {
  std::string text;
  int signal = 0;
};

// Runs `act` in a child of its own. With Start::unprivileged a root test gives up root before.
Told in_child(Start start, const std::function<std::string()>& act) {
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    if (start == Start::unprivileged && geteuid() == 0 &&
        (setgroups(0, nullptr) != 0 || setresgid(some_user, some_user, some_user) != 0 ||
         setresuid(some_user, some_user, some_user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0))
      _exit(1);
    const std::string text = act();
    (void)write_all(write_end.get(), as_bytes(text));
    _exit(0);
  }
  write_end.reset();
  Told told;
  std::array<char, 4096> buffer;
  ssize_t n = 0;
  while ((n = read(read_end.get(), buffer.data(), buffer.size())) > 0)
    told.text.append(buffer.data(), static_cast<std::size_t>(n));
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFSIGNALED(status)) told.signal = WTERMSIG(status);
  return told;
}

// A sandbox that either kind of worker can reach, inside a folder that it must not touch.
class Place {
 public:
  explicit Place(Start start) : sandbox_(folder_ / "sandbox") {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms{0755});
    std::filesystem::create_directory(sandbox_);
    if (start == Start::unprivileged && geteuid() == 0)
      REQUIRE(chown(sandbox_.c_str(), some_user, some_user) == 0);
  }
  const Path& sandbox() const { return sandbox_; }
  const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
  Path sandbox_;
};

// What `act` returned inside the jail.
Told in_jail(Start start, const std::function<std::string(const Path& sandbox)>& act,
             const std::vector<std::string>& without = {}, JailRules rules = {}) {
  const Place place(start);
  rules.writable = place.sandbox();
  return in_child(start, [&]() -> std::string {
    const auto proof = enter_jail(rules, without);
    if (!proof) return "not in jail: " + proof.error().str();
    return act(place.sandbox());
  });
}

std::string outcome(long result) {
  return result >= 0 ? "allowed" : errno_text(errno);
}

// The call, tried inside the jail by a worker that root started and by one that it did not.
void check_refused(const std::function<long()>& call) {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [&](const Path&) { return outcome(call()); });
    INFO((start == Start::as_is ? "as started: " : "unprivileged: ") << told.text);
    CHECK(told.signal == 0);
    CHECK((told.text == "Operation not permitted" || told.text == "Permission denied"));
  }
}

std::string render(const Result<JailProof>& proof) {
  if (!proof) return "error: " + proof.error().str();
  std::string all = std::string(name_of(proof->isolation)) + " held:";
  for (const std::string& word : proof->held) all += " [" + word + "]";
  all += " broken:";
  for (const std::string& word : proof->broken) all += " [" + word + "]";
  return all;
}

std::string proof_of(Start start, const std::vector<std::string>& without) {
  const Place place(start);
  JailRules rules;
  rules.writable = place.sandbox();
  return in_child(start, [&] { return render(enter_jail(rules, without)); }).text;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

long open_for(const Path& path, int flags) {
  return open(path.c_str(), flags | O_CLOEXEC, 0600);
}

}  // namespace

TEST_CASE("a whole jail is proven full") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const std::string proof = proof_of(start, {});
    INFO(proof);
    CHECK(
        proof.starts_with("full held: [exec] [fork] [network] [unix sockets] [write outside] "
                          "[read outside]"));
  }
}

TEST_CASE("a jail without Landlock is not full and says what got through") {
  const std::string proof = proof_of(Start::unprivileged, {"landlock"});
  INFO(proof);
  CHECK(proof.starts_with("partial"));
  CHECK(has(proof.substr(proof.find("broken")), "[write outside]"));
  CHECK(has(proof.substr(proof.find("broken")), "[read outside]"));
}

TEST_CASE("a jail without seccomp is not full and says what got through") {
  const std::string proof = proof_of(Start::unprivileged, {"seccomp"});
  INFO(proof);
  CHECK(proof.starts_with("partial"));
  CHECK(has(proof.substr(proof.find("broken")), "[fork]"));
  CHECK(has(proof.substr(proof.find("broken")), "[unix sockets]"));
  CHECK_FALSE(has(proof.substr(proof.find("broken")), "[write outside]"));
}

TEST_CASE("no jail at all is isolation none, and the probe of exec does not replace the prober") {
  const std::string proof = proof_of(Start::unprivileged, {"landlock", "seccomp"});
  INFO(proof);
  CHECK(proof.starts_with("none"));
  CHECK(has(proof.substr(proof.find("broken")), "[exec]"));
}

TEST_CASE("a system that forbids namespaces still gives a full jail") {
  const Place place(Start::unprivileged);
  JailRules rules;
  rules.writable = place.sandbox();
  const Told told = in_child(Start::unprivileged, [&]() -> std::string {
    std::array<sock_filter, 4> forbid{{{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                                       {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_unshare},
                                       {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
                                       {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}}};
    const sock_fprog program{forbid.size(), forbid.data()};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return outcome(-1);
    return render(enter_jail(rules));
  });
  INFO(told.text);
  CHECK(told.text.starts_with("full"));
  CHECK_FALSE(has(told.text, "namespace"));
}

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

TEST_CASE("a backup opened before the jail can be read inside it") {
  const Folder folder;
  const Fd fd = open_readonly(folder.write("backup.db", "bytes")).value();
  const Told told = in_jail(Start::as_is, [&](const Path&) {
    std::array<unsigned char, 5> bytes{};
    return read_at(fd.get(), bytes, 0) ? std::string(as_text(bytes)) : "unreadable";
  });
  CHECK(told.text == "bytes");
}

TEST_CASE("the jail refuses to read files and folders outside") {
  const std::string path =
      GENERATE("/etc/passwd", "/etc", "/", "/tmp", "/proc/1/cmdline", "/proc", "/bin/sh");
  check_refused([=] { return open_for(path, O_RDONLY); });
}

TEST_CASE("what the rules name as readable can be read and not written") {
  const Folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const Path file = folder.write("extra/file", "content");
  std::filesystem::permissions(file, std::filesystem::perms{0666});
  JailRules rules;
  rules.readable = {folder / "extra"};
  const auto reading = [&](const Path&) { return outcome(open_for(file, O_RDONLY)); };
  const auto writing = [&](const Path&) { return outcome(open_for(file, O_WRONLY)); };
  CHECK(in_jail(Start::as_is, reading, {}, rules).text == "allowed");
  CHECK(in_jail(Start::as_is, writing, {}, rules).text == "Permission denied");
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

TEST_CASE("threads work in the jail and are in it as well") {
  const Told told = in_jail(Start::as_is, [](const Path&) {
    std::string said;
    std::thread([&] { said = outcome(open_for("/etc/passwd", O_RDONLY)); }).join();
    std::thread([&] { said += ", " + outcome(socket(AF_INET, SOCK_STREAM, 0)); }).join();
    return said;
  });
  CHECK(told.text == "Permission denied, Operation not permitted");
}

TEST_CASE("what a verification needs works in the jail") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [](const Path& sandbox) -> std::string {
      Sha256 sha;
      sha.update(as_bytes("abc"));
      auto database = sqlite::Connection::open((sandbox / "t.db").string());
      if (!database) return database.error().str();
      if (const auto made = database->run("PRAGMA journal_mode = WAL; CREATE TABLE t(x); "
                                          "INSERT INTO t VALUES (randomblob(9)); CREATE TEMP TABLE "
                                          "s AS SELECT * FROM t; VACUUM;");
          !made)
        return made.error().str();
      const auto rows = database->integer("SELECT count(*) FROM t");
      const bool cores = std::thread::hardware_concurrency() > 0;
      return sha.hex().substr(0, 8) + " " + (rows ? std::to_string(*rows) : rows.error().str()) +
             (cores ? " cores" : "");
    });
    CHECK(told.text == "ba7816bf 1 cores");
  }
}

TEST_CASE("a program in the jail can still abort") {
  const Told told = in_jail(Start::as_is, [](const Path&) -> std::string {
    signal(SIGABRT, SIG_DFL);
    std::abort();
  });
  CHECK(signal_name(told.signal) == "SIGABRT");
}

TEST_CASE("files and folders can be made, renamed, linked and removed inside the sandbox") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = in_jail(start, [](const Path& sandbox) -> std::string {
      const Path a = sandbox / "a", b = sandbox / "b";
      if (mkdir(a.c_str(), 0700) != 0 || mkdir(b.c_str(), 0700) != 0) return outcome(-1);
      const Fd fd(static_cast<int>(open_for(a / "file", O_RDWR | O_CREAT)));
      if (!write_all(fd.get(), as_bytes("content"))) return outcome(-1);
      if (ftruncate(fd.get(), 3) != 0) return outcome(-1);
      if (rename((a / "file").c_str(), (b / "file").c_str()) != 0) return outcome(-1);
      if (mmap(nullptr, 3, PROT_READ, MAP_SHARED, fd.get(), 0) == MAP_FAILED) return outcome(-1);
      if (unlink((b / "file").c_str()) != 0 || rmdir(b.c_str()) != 0) return outcome(-1);
      return "fine";
    });
    CHECK(told.text == "fine");
  }
}

TEST_CASE("a file that grows beyond the limit is an error, not a death") {
  JailRules rules;
  rules.max_file = 64U << 10U;
  const Told told = in_jail(
      Start::as_is,
      [](const Path& sandbox) {
        const Fd fd(static_cast<int>(open_for(sandbox / "large", O_WRONLY | O_CREAT)));
        return outcome(pwrite(fd.get(), "x", 1, 64 << 10));
      },
      {}, rules);
  CHECK(told.signal == 0);
  CHECK(told.text == errno_text(EFBIG));
}

#ifndef BACKPROOF_SANITIZED
TEST_CASE("memory beyond the limit is refused") {
  JailRules rules;
  rules.max_memory = 64U << 20U;
  const Told told = in_jail(
      Start::as_is,
      [](const Path&) -> std::string {
        void* memory =
            mmap(nullptr, 256U << 20U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return memory == MAP_FAILED ? errno_text(errno) : "allowed";
      },
      {}, rules);
  CHECK(told.text == errno_text(ENOMEM));
}

TEST_CASE("a process with two threads cannot enter the jail") {
  const Place place(Start::as_is);
  JailRules rules;
  rules.writable = place.sandbox();
  const Told told = in_child(Start::as_is, [&] {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return std::string("no pipe");
    std::thread other([&] {
      char c = 0;
      (void)!read(ends[0], &c, 1);
    });
    const std::string said = render(enter_jail(rules));
    close(ends[1]);
    other.join();
    return said;
  });
  CHECK(has(told.text, "one thread only, and there are 2"));
}
#endif

TEST_CASE("the jail leaves no core, opens private files and dies with its parent") {
  const Told told = in_jail(Start::as_is, [](const Path& sandbox) {
    rlimit core{};
    getrlimit(RLIMIT_CORE, &core);
    int signal = 0;
    prctl(PR_GET_PDEATHSIG, &signal);
    struct stat facts {};
    const Fd fd(open((sandbox / "x").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    fstat(fd.get(), &facts);
    return std::to_string(core.rlim_max) + " " + signal_name(signal) + " " +
           std::to_string(facts.st_mode & 0777U) + " " + std::to_string(prctl(PR_GET_DUMPABLE)) +
           " " + std::to_string(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  });
  CHECK(told.text == "0 SIGKILL 384 0 1");
}

TEST_CASE("a worker that root started becomes nobody and owns the sandbox and what is in it") {
  if (geteuid() != 0) return;
  const Place place(Start::as_is);
  place.folder().write("sandbox/deep/file", "content");
  JailRules rules;
  rules.writable = place.sandbox();
  const Told told = in_child(Start::as_is, [&] {
    const auto proof = enter_jail(rules);
    std::array<gid_t, 64> groups{};
    return proof ? std::to_string(getuid()) + " " + std::to_string(getegid()) + " " +
                       std::to_string(getgroups(64, groups.data())) + " " +
                       outcome(open_for(place.sandbox() / "deep/file", O_RDWR))
                 : proof.error().str();
  });
  CHECK(told.text == "65534 65534 0 allowed");
}

TEST_CASE("a folder that the unprivileged user cannot pass through is named with a hint") {
  if (geteuid() != 0) return;
  const Place place(Start::as_is);
  std::filesystem::permissions(place.folder().path(), std::filesystem::perms{0700});
  JailRules rules;
  rules.writable = place.sandbox();
  const Told told = in_child(Start::as_is, [&] { return render(enter_jail(rules)); });
  CHECK(has(told.text, "cannot pass through the folder " + place.folder().path().string()));
  CHECK(has(told.text, "hint: let others pass (chmod o+x)"));
}
