// SPDX-License-Identifier: Apache-2.0
// What SQL can do as the superuser of a throw-away server: nothing to anything outside.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "base/text.h"
#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// What must stay untouched: a file, and two sockets that would take any connection.
class Outside {
 public:
  Outside() : canary_(folder_.write("canary", "sings")), path_(folder_ / ".s.PGSQL.5432") {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms{0777});
    std::filesystem::permissions(canary_, std::filesystem::perms{0666});
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::copy_n(path_.c_str(), path_.string().size(), static_cast<char*>(at.sun_path));
    listen_at(local_, &at, sizeof at);
    std::filesystem::permissions(path_, std::filesystem::perms{0777});
    sockaddr_in port{};
    port.sin_family = AF_INET;
    port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_at(tcp_, &port, sizeof port);
    socklen_t size = sizeof port;
    REQUIRE(getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&port), &size) == 0);
    port_ = ntohs(port.sin_port);
  }
  std::string folder() const { return folder_.path().string(); }
  std::string canary() const { return canary_.string(); }
  int port() const { return port_; }

  void check_untouched() const {
    CHECK(read_file(canary_).value() == "sings");
    CHECK((std::filesystem::status(canary_).permissions() == std::filesystem::perms{0666}));
    const auto files = std::distance(std::filesystem::directory_iterator(folder_.path()), {});
    CHECK(files == 2);
    pollfd callers[] = {{local_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}};
    CHECK(poll(callers, 2, 0) == 0);
  }

 private:
  static void listen_at(const Fd& fd, const void* at, socklen_t size) {
    REQUIRE(bind(fd.get(), static_cast<const sockaddr*>(at), size) == 0);
    REQUIRE(listen(fd.get(), 9) == 0);
  }
  Folder folder_;
  Path canary_, path_;
  Fd local_{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  Fd tcp_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  int port_ = 0;
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// A library for the server, as bytes in SQL: what a dump can bring along.
std::string library_of(const std::string& source) {
  const Folder folder;
  const Path c = folder.write("evil.c", source);
  const Path so = folder / "evil.so";
  sh("gcc -shared -fPIC -w -o " + so.string() + " " + c.string());
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  const std::string bytes = read_file(so).value();
  for (const char byte : bytes) {
    text += hex[static_cast<unsigned char>(byte) >> 4U];
    text += hex[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

}  // namespace

TEST_CASE("a superuser's SQL reaches no program, file or socket outside") {
  if (!has_postgres()) return;
  struct Act {
    const char* sql;
    const char* answer;  // how what the server says begins; nothing: by what stays untouched
  };
  constexpr const char* no_program = "53200 ";  // popen() cannot start a shell
  const std::vector<Act> acts{
      {"COPY (SELECT 1) TO PROGRAM 'cat > OUT/made'", no_program},
      {"COPY (SELECT 1) TO PROGRAM '/bin/true'", no_program},
      {"CREATE TABLE p(x text); COPY p FROM PROGRAM '/usr/bin/id'", no_program},
      {"CREATE TABLE p(x text); COPY p FROM '/etc/passwd'", "42501 "},
      {"CREATE TABLE p(x text); COPY p FROM 'CANARY'", "42501 "},
      {"COPY (SELECT 1) TO '/tmp/backproof-hostile'", "42501 "},
      {"COPY (SELECT 1) TO 'CANARY'", "42501 "},
      {"COPY (SELECT 1) TO 'OUT/made'", "42501 "},
      {"SELECT pg_read_file('/etc/passwd')", "42501 "},
      {"SELECT pg_read_file('CANARY')", "42501 "},
      {"SELECT pg_read_binary_file('/proc/self/environ')", "42501 "},
      {"SELECT pg_ls_dir('/etc')", "42501 "},
      {"SELECT lo_import('/etc/passwd')", "42501 "},
      {"SELECT lo_from_bytea(77, 'x'); SELECT lo_export(77, 'OUT/made')", "42501 "},
      {"SELECT lo_from_bytea(78, 'x'); SELECT lo_export(78, 'CANARY')", "42501 "},
      {"CREATE EXTENSION adminpack; SELECT pg_catalog.pg_file_write('OUT/made', 'x', false)",
       nullptr},
      {"CREATE EXTENSION adminpack; SELECT pg_catalog.pg_file_unlink('CANARY')", nullptr},
      {"CREATE EXTENSION dblink; SELECT dblink_connect('host=127.0.0.1 port=PORT "
       "connect_timeout=3')",
       "08001 "},
      {"CREATE EXTENSION dblink; SELECT dblink_connect('host=OUT connect_timeout=3')", "08001 "},
      {"CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS "
       "(host 'OUT'); CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (user 'x', "
       "password_required 'false'); CREATE FOREIGN TABLE f(x int) SERVER s; SELECT * FROM f",
       "08001 "},
      {"CREATE EXTENSION file_fdw; CREATE SERVER s FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN "
       "TABLE f(x text) SERVER s OPTIONS (filename '/etc/passwd'); SELECT * FROM f",
       "42501 "},
      {"CREATE TABLESPACE t LOCATION 'OUT'", nullptr},
      {"LOAD 'CANARY'", nullptr},
      {"CREATE SUBSCRIPTION s CONNECTION 'host=OUT' PUBLICATION p", "08006 "},
  };
  const Outside outside;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = served(start, [&](const Client& client) {
      std::string wrong;
      for (const Act& act : acts) {
        std::string sql = replaced(act.sql, "OUT", outside.folder());
        sql = replaced(sql, "CANARY", outside.canary());
        sql = replaced(sql, "PORT", std::to_string(outside.port()));
        const std::string answer = client.sql(sql);
        if (act.answer != nullptr && !answer.starts_with(act.answer))
          wrong += sql + ": " + answer + "\n";
      }
      return wrong + "still " + client.sql("SELECT 'here'");
    });
    CHECK(told.text == "still here");
    outside.check_untouched();
  }
}

TEST_CASE("settings that ALTER SYSTEM writes do not come into force") {
  if (!has_postgres()) return;
  const Told told = served(Start::unprivileged, [&](const Client& client) {
    for (const char* setting : {"archive_command = 'touch /tmp/backproof-hostile'",
                                "archive_mode = on", "listen_addresses = '*'", "fsync = on",
                                "restart_after_crash = on", "shared_preload_libraries = 'x'"})
      if (client.sql(std::string("ALTER SYSTEM SET ") + setting) != "ok")
        return std::string(setting);
    client.sql("SELECT pg_reload_conf()");
    client.sql("SELECT pg_switch_wal()");
    return client.sql(
        "SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings WHERE name "
        "IN ('archive_mode', 'listen_addresses', 'fsync', 'restart_after_crash')");
  });
  CHECK(told.text == "archive_mode=off,fsync=off,listen_addresses=,restart_after_crash=off");
  CHECK_FALSE(std::filesystem::exists("/tmp/backproof-hostile"));
}

TEST_CASE("a library that a dump brings along runs in the server's jail") {
  if (!has_postgres()) return;
  // Each call tells 1 when it could do what it must not.
  const std::string source = R"(
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
static FILE* report;
static void done(const char* what, int ok) {
  if (ok) fprintf(report, "%s, ", what);
}
static int unix_to(const char* path) {
  struct sockaddr_un to = {AF_UNIX};
  strcpy(to.sun_path, path);
  return connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr*)&to, sizeof to) == 0;
}
static int child_execs(const char* program) {
  int status = 0;
  pid_t pid = fork();
  if (pid == 0) { execl(program, program, "-c", "exit 0", (char*)0); _exit(99); }
  if (pid < 0) return 0;
  waitpid(pid, &status, 0);
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 99);
}
static int memory_execs(void) {
  int fd = syscall(SYS_memfd_create, "x", 0);
  return fd >= 0;
}
static int copy_execs(const char* folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/program", folder);
  int fd = open(path, O_CREAT | O_WRONLY, 0700);
  write(fd, "#!/bin/sh\n", 10);
  close(fd);
  return child_execs(path);
}
static int fork_stays(void) {
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    chdir("/");
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, 0);
    for (int i = 1; i < 65; ++i) signal(i, SIG_IGN);
    for (;;) pause();
  }
  return pid < 0;
}
/* Runs when the library is loaded, which needs no function that the server would know. */
__attribute__((constructor)) static void evil(void) {
  static const char canary[] = "CANARY", sock[] = "SOCKET", sandbox[] = "SANDBOX";
  const pid_t worker = WORKER;
  struct stat before, after;
  char made[4096], memory[64];
  report = fopen("report", "w");
  stat(canary, &before);
  done("exec of a shell", child_execs("/bin/sh"));
  done("exec of a copy", copy_execs(sandbox));
  done("memfd", memory_execs());
  done("connect", unix_to(sock));
  done("tcp", socket(AF_INET, SOCK_STREAM, 0) >= 0);
  done("udp", socket(AF_INET, SOCK_DGRAM, 0) >= 0);
  done("netlink", socket(AF_NETLINK, SOCK_RAW, 0) >= 0);
  done("vsock", socket(40, SOCK_STREAM, 0) >= 0);
  done("unix datagrams", socket(AF_UNIX, SOCK_DGRAM, 0) >= 0);
  done("kill", kill(worker, SIGKILL) == 0);
  done("kill of all", kill(-1, SIGKILL) == 0);
  done("kill of the group", kill(0, SIGKILL) == 0);
  done("kill of another group", kill(-worker, SIGKILL) == 0);
  done("ptrace", ptrace(PTRACE_ATTACH, worker, 0, 0) == 0);
  done("ptrace of the keeper", ptrace(PTRACE_ATTACH, getppid(), 0, 0) == 0);
  snprintf(memory, sizeof memory, "/proc/%d/mem", worker);
  done("memory", open(memory, O_RDONLY) >= 0);
  done("memory of the postmaster", open("/proc/1/mem", O_RDWR) >= 0);
  done("own memory", open("/proc/self/mem", O_RDWR) >= 0);
  done("read", open(canary, O_RDONLY) >= 0);
  done("write", open(canary, O_WRONLY) >= 0);
  done("truncate", truncate(canary, 0) == 0 && stat(canary, &after) == 0 && after.st_size == 0);
  done("unlink", unlink(canary) == 0);
  done("rename", rename(canary, "moved") == 0);
  done("link", link(canary, "linked") == 0);
  done("symlink", symlink(canary, "pointing") == 0);
  chmod(canary, 0777);
  done("chmod", stat(canary, &after) != 0 || after.st_mode != before.st_mode);
  done("unshare", unshare(CLONE_NEWUSER) == 0);
  done("clone into a namespace",
              syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0);
  done("mount", syscall(SYS_mount, "x", "/", "tmpfs", 0, 0) == 0);
  done("root", setuid(0) == 0);
  done("own group", setpgid(0, 0) == 0);
  done("fork", !fork_stays());
  fprintf(report, "the end");
  fclose(report);
}
)";
  const Outside outside;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Place place(start);
    KeeperSetup setup;
    setup.sandbox = place.sandbox();
    setup.templates = shared_templates(start);
    std::string mine = replaced(source, "CANARY", outside.canary());
    mine = replaced(mine, "SOCKET", outside.folder() + "/.s.PGSQL.5432");
    mine = replaced(mine, "SANDBOX", place.sandbox().string());
    const std::string library = library_of(replaced(mine, "WORKER", std::to_string(getpid())));
    const Told told = in_child(start, [&] {
      return with_server(setup, [&](const Client& client) {
        const std::string so = (client.sandbox / "cluster/evil.so").string();
        client.sql("SELECT lo_from_bytea(77, decode('" + library + "', 'hex'))");
        const std::string exported = client.sql("SELECT lo_export(77, '" + so + "')");
        client.sql("LOAD '" + so + "'");
        return exported + " " + client.sql("SELECT pg_read_file('report')");
      });
    });
    CHECK(told.signal == 0);
    CHECK(told.text == "1 fork, the end");  // which it may, and which did not help it
    CHECK(sh("ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c " + place.sandbox().string() +
             " || true") == "0\n");
    CHECK(remove_tree(place.sandbox()).has_value());
    outside.check_untouched();
  }
}
