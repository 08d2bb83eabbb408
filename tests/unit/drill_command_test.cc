// SPDX-License-Identifier: Apache-2.0
#include "drill/command.h"

#include "support/support.h"

using namespace backproof;
using namespace backproof::drill;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// A folder that is neither a default of clients nor below one.
struct Place {
  Folder folder;
  Path sub(const char* name) const {
    std::filesystem::create_directories(folder / name);
    return folder / name;
  }
};

TeamCommand command(const std::string& script) {
  TeamCommand command;
  command.script = script;
  command.limit = 20s;
  return command;
}

int code_of(const TeamCommand& given) {
  const auto end = run_command(given, {});
  INFO((end ? "" : end.error().str()));
  REQUIRE(end);
  return end->ended.exit_code;
}

}  // namespace

TEST_CASE("a command gets its own environment and nothing that leads elsewhere") {
  TeamCommand given = command("test \"$TARGET\" = shop && test -z \"$BACKPROOF_TEST_SECRET\"");
  given.env["TARGET"] = "shop";
  ::setenv("BACKPROOF_TEST_SECRET", "x", 1);
  CHECK(code_of(given) == 0);
  given.whole_environment = true;
  CHECK(code_of(given) == 1);
  ::unsetenv("BACKPROOF_TEST_SECRET");
}

TEST_CASE("a command is ended at its limit, with all that it started") {
  TeamCommand given = command("setsid tail -f /dev/null & tail -f /dev/null");
  given.limit = 200ms;
  given.guard = Guard{};
  const auto end = run_command(given, {});
  REQUIRE(end);
  CHECK(end->timed_out);
  CHECK(end->str(given.limit) == "did not end within 200ms");
}

TEST_CASE("a command ends with a stop") {
  std::stop_source stop;
  stop.request_stop();
  const auto end = run_command(command("tail -f /dev/null"), stop.get_token());
  REQUIRE(end);
  CHECK(end->stopped);
  CHECK_FALSE(end->ok());
}

TEST_CASE("a guarded command is who it was, sees no network, and can write where it should") {
  const Place place;
  const Path live = place.sub("app") / "live.db", sandbox = place.sub("app/scratch");
  place.folder.write("app/live.db", "x");
  LiveDatabase database;
  database.sqlite = live;
  const auto guard = guard_of(database, sandbox, place.folder / "b");
  REQUIRE(guard);
  CHECK(guard->read_only == std::vector<Path>{std::filesystem::canonical(place.folder / "app")});
  const auto guarded = [&](const std::string& script) {
    TeamCommand given = command(script);
    given.guard = *guard;
    return code_of(given);
  };
  CHECK(guarded("test \"$(id -u)\" = " + std::to_string(::geteuid())) == 0);
  CHECK(guarded("test \"$(grep -c : /proc/net/dev)\" = 1") == 0);
  CHECK(guarded("echo y > " + live.native()) != 0);
  CHECK(guarded("rm " + live.native()) != 0);
  CHECK(guarded("mv " + live.native() + " " + live.native() + ".old") != 0);
  CHECK(guarded("umount " + (place.folder / "app").native()) != 0);
  CHECK(guarded("mount -o remount,rw " + (place.folder / "app").native()) != 0);
  CHECK(guarded("echo y > " + (sandbox / "restored").native()) == 0);
  CHECK(guarded("exit 5") == 5);
  CHECK(read_file(live).value() == "x");
}

TEST_CASE("the socket of the live server is not there for a guarded command") {
  const Place place;
  const Path socket = place.sub("run");
  place.folder.write("run/.s.PGSQL.5432", "");
  LiveDatabase database;
  database.postgresql = "postgresql://me@/shop?host=" + socket.native();
  const auto guard = guard_of(database, place.sub("scratch"), place.folder / "b");
  REQUIRE(guard);
  TeamCommand given = command("test -z \"$(ls -A " + socket.native() + ")\"");
  CHECK(code_of(given) == 1);
  given.guard = *guard;
  CHECK(code_of(given) == 0);
  const auto inside = guard_of(database, socket / "scratch", place.folder / "b");
  REQUIRE_FALSE(inside);
  CHECK(inside.error().cause == Cause::isolation);
}

TEST_CASE("a guard that cannot be put up keeps a command from being started") {
  const Place place;
  TeamCommand given = command("touch " + (place.folder / "started").native());
  given.guard = Guard{{place.folder / "missing"}, {}, {}};
  const auto end = run_command(given, {});
  REQUIRE_FALSE(end);
  CHECK(end.error().cause == Cause::isolation);
  CHECK_FALSE(std::filesystem::exists(place.folder / "started"));
}
