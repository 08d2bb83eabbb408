// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// A folder with a live database, a place to restore to, and whatever else a host has.
struct Host {
  Folder folder;
  Path place;

  Host() : place(folder / "scratch") { std::filesystem::create_directory(place); }
  TeamCommand command(const std::string& script) const {
    TeamCommand command;
    command.script = script;
    command.limit = 20s;
    command.guarded_in = place;
    return command;
  }
  int code_of(const TeamCommand& given) const {
    const auto end = run_command(given, BACKPROOF_PROGRAM, {});
    INFO((end ? "" : end.error().str()));
    REQUIRE(end);
    return end->ended.exit_code;
  }
  int guarded(const std::string& script) const { return code_of(command(script)); }
  int free(const std::string& script) const {
    TeamCommand given = command(script);
    given.guarded_in.clear();
    return code_of(given);
  }
};

Fd listening_at(const Path& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::copy_n(path.c_str(), path.string().size(), static_cast<char*>(at.sun_path));
  Fd made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(bind(made.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(listen(made.get(), 1) == 0);
  return made;
}

}  // namespace

TEST_CASE("a command gets its own environment and nothing that leads elsewhere") {
  const Host host;
  TeamCommand given = host.command("test \"$TARGET\" = shop && test -z \"$BACKPROOF_TEST_SECRET\"");
  given.env["TARGET"] = "shop";
  ::setenv("BACKPROOF_TEST_SECRET", "x", 1);
  CHECK(host.code_of(given) == 0);
  given.whole_environment = true;
  CHECK(host.code_of(given) == 1);
  ::unsetenv("BACKPROOF_TEST_SECRET");
}

TEST_CASE("a guarded command is ended at its limit, with all that it started") {
  const Host host;
  TeamCommand given = host.command("setsid tail -f /dev/null & tail -f /dev/null");
  given.limit = 500ms;
  const auto end = run_command(given, BACKPROOF_PROGRAM, {});
  REQUIRE(end);
  CHECK(end->timed_out);
  CHECK(end->str(given.limit) == "did not end within 500ms");
}

TEST_CASE("a command ends with a stop") {
  std::stop_source stop;
  stop.request_stop();
  const auto end =
      run_command(Host().command("tail -f /dev/null"), BACKPROOF_PROGRAM, stop.get_token());
  REQUIRE(end);
  CHECK(end->stopped);
  CHECK_FALSE(end->ok());
}

TEST_CASE("a guarded command is who it was, and its exit code is told") {
  const Host host;
  CHECK(host.guarded("test \"$(id -u)\" = " + std::to_string(::geteuid())) == 0);
  CHECK(host.guarded("exit 5") == 5);
  CHECK(host.guarded("kill -9 $$") == 137);
  CHECK(host.guarded("read line && exit 1; exit 0") == 0);
  CHECK(host.free("exit 6") == 6);
}

TEST_CASE("a guarded command writes to its own folder and nowhere else") {
  const Host host;
  const Path live = host.folder.write("live.db", "x");
  std::filesystem::create_directory(host.folder / "elsewhere");
  std::filesystem::create_hard_link(live, host.folder / "elsewhere/link.db");
  const std::string name = live.native(), folder = host.folder.path().native();
  for (const std::string& act : std::vector<std::string>{
           "echo y > " + name, "rm " + name, "mv " + name + " " + name + ".old",
           "echo y > " + folder + "/elsewhere/link.db", "touch " + folder + "/new",
           std::string("touch /etc/backproof-test"), std::string("touch /tmp/backproof-test"),
           "umount " + folder, "mount -o remount,rw /", std::string("mount -t tmpfs none /etc"),
           "unshare -Urm sh -c 'mount -o remount,bind,rw / && echo y > " + name + "'",
           "nsenter -t 1 -m true", "echo y > /proc/1/root" + name}) {
    INFO(act);
    CHECK(host.guarded("(" + act + ") 2>/dev/null") != 0);
  }
  CHECK(read_file(live).value() == "x");
  CHECK(host.guarded("echo y > " + (host.place / "restored").native()) == 0);
  CHECK(host.guarded("f=$(mktemp) && test -s /etc/passwd && echo y > $f") == 0);
}

TEST_CASE("a guarded command sees no network, no socket of this host and no other process") {
  const Host host;
  const Path path = host.folder / "socket";
  const Fd listening = listening_at(path);
  const std::string asked =
      "curl -s --max-time 5 --unix-socket " + path.native() + " http://localhost/; test $? -ne 7";
  // Whoever is connected to waits for an answer, which is another exit code.
  TeamCommand given = host.command("curl -s --max-time 1 --unix-socket " + path.native() +
                                   " http://localhost/; test $? -eq 28");
  given.guarded_in.clear();
  CHECK(host.code_of(given) == 0);
  CHECK(host.guarded(asked) == 1);
  CHECK(host.guarded("test \"$(grep -c : /proc/net/dev)\" = 1") == 0);
  CHECK(host.guarded("test -z \"$(ls -A /run)\"") == 0);
  CHECK(host.guarded("test ! -d /proc/" + std::to_string(::getpid()) + "/task/" +
                     std::to_string(::getpid()) + " -o " + std::to_string(::getpid()) +
                     " -lt 10") == 0);
}

TEST_CASE("a script is in no list of processes, and its output in a file of its owner alone") {
  const Host host;
  TeamCommand given = host.command(
      "tr '\\0' ' ' < /proc/self/cmdline; cat /proc/*/cmdline | tr "
      "'\\0' ' '; : hunter2");
  given.output = host.folder.write("output", "");
  sh("chmod 644 " + given.output.native());
  CHECK(host.code_of(given) == 0);
  const std::string said = read_file(given.output).value();
  CHECK(said.find("/proc/self/fd/9") != std::string::npos);
  CHECK(said.find("hunter2") == std::string::npos);
  CHECK(sh("stat -c %a " + given.output.native()) == "600\n");
}

TEST_CASE("a command that cannot be kept as it should is not started") {
  const Host host;
  TeamCommand given = host.command("touch " + (host.place / "started").native());
  given.output = "/nowhere/output";
  const auto end = run_command(given, BACKPROOF_PROGRAM, {});
  REQUIRE_FALSE(end);
  CHECK(end.error().cause == Cause::isolation);
  CHECK(end.error().text.find("/nowhere/output") != std::string::npos);
  given.output.clear();
  CHECK_FALSE(run_command(given, "/nowhere/program", {}));
  CHECK_FALSE(std::filesystem::exists(host.place / "started"));
}
