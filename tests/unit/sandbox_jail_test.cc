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

TEST_CASE("a backup opened before the jail can be read inside it") {
  const Folder folder;
  const Fd fd = open_readonly(folder.write("backup.db", "bytes")).value();
  const Told told = in_jail(Start::as_is, [&](const Path&) {
    std::array<unsigned char, 5> bytes{};
    return read_at(fd.get(), bytes, 0) ? std::string(as_text(bytes)) : "unreadable";
  });
  CHECK(told.text == "bytes");
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

TEST_CASE("an ordinary user whose group is 0 gets a full jail") {
  if (geteuid() != 0) return;
  const Place place(Start::unprivileged);
  JailRules rules;
  rules.writable = place.sandbox();
  const Told told = in_child(Start::as_is, [&]() -> std::string {
    if (setgroups(0, nullptr) != 0 || setresgid(0, 0, 0) != 0 ||
        setresuid(some_user, some_user, some_user) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
      return "cannot become that user";
    return render(enter_jail(rules));
  });
  INFO(told.text);
  CHECK(told.text.starts_with("full "));
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
