// SPDX-License-Identifier: Apache-2.0
#include "sandbox/configured_command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// A command with the rules of an ordinary one, in a folder of its own.
struct Given {
  Folder folder;
  ConfiguredCommand command;
  CommandRules rules;

  explicit Given(std::string script) {
    command.script = std::move(script);
    rules.program = BACKPROOF_PROGRAM;
    rules.limit = 20s;
    rules.most_output = 1U << 16U;
    command.environment["FOLDER"] = folder.path().native();
  }
  Result<std::string> run() const {
    return run_configured(command, "the test command", Cause::fetch, rules);
  }
  Error refused() const {
    const auto result = run();
    REQUIRE_FALSE(result);
    return result.error();
  }
};

bool lives(const Path& pid_file) {
  const auto text = read_file(pid_file);
  return text && !text->empty() && kill(std::stoi(*text), 0) == 0;
}

template <typename Condition>
bool soon(const Condition& condition) {
  for (const Stopwatch watch; watch.took() < 10s;)
    if (condition()) return true;
  return condition();
}

// Three ways out of sight: another group, another session, and an orphan that nobody waits for.
const char* const runaways =
    "sh -c 'echo $$ > $FOLDER/one; exec tail -f /dev/null' &\n"
    "setsid sh -c 'echo $$ > $FOLDER/two; exec tail -f /dev/null' &\n"
    "(setsid sh -c '(echo $$ > $FOLDER/three; exec tail -f /dev/null) &' &)\n"
    "until test -s $FOLDER/one -a -s $FOLDER/two -a -s $FOLDER/three; do :; done\n";

// Whatever has the folder's name in its environment.
std::string left_of(const Folder& folder) {
  return sh(
      "for p in /proc/[0-9]*; do tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx 'FOLDER=" +
      folder.path().native() + "' && echo $p; done 2>/dev/null || true");
}

}  // namespace

TEST_CASE("a configured command has a clean environment and nothing to read") {
  Given given("test -z \"$BACKPROOF_TEST_SECRET\" && test -n \"$PATH\" && ! read line && env");
  ::setenv("BACKPROOF_TEST_SECRET", "x", 1);
  given.command.environment["A"] = "configured";
  given.command.environment["B"] = "configured";
  given.rules.told["B"] = "told";
  const auto out = given.run();
  ::unsetenv("BACKPROOF_TEST_SECRET");
  REQUIRE(out);
  CHECK(out->find("A=configured\n") != std::string::npos);
  CHECK(out->find("B=told\n") != std::string::npos);
}

TEST_CASE("a secret is the first line of its file, and is shown nowhere") {
  const std::string secret = "hunter2 & more";
  Given given(
      "test \"$TOKEN\" = 'hunter2 & more' || exit 9\n"
      "cat /proc/*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c 'hunter2 & more'\n"
      "echo \"cannot log in with $TOKEN$TOKEN, it says\" >&2; exit 3");
  given.command.secrets["TOKEN"] = given.folder.write("token", secret + "\r\nsecond line\n");
  CHECK(given.refused().text ==
        "the test command ended with exit code 3: cannot log in with ******, it says");
  given.command.script = "cat /proc/*/cmdline | tr '\\0' '\\n' | grep -c 'hunter[2]' || true";
  CHECK(given.run().value() == "0\n");
}

TEST_CASE("half a secret at the end of what is kept is not shown either") {
  Given given("head -c 262120 /dev/zero | tr '\\0' 'x' >&2; printf '%s' \"$TOKEN\" >&2; exit 3");
  given.command.secrets["TOKEN"] = given.folder.write("token", "swordfish-swordfish-swordfish\n");
  CHECK(given.refused().text.find("swordfish") == std::string::npos);
}

TEST_CASE("the longest secret goes first: one may be part of another") {
  CHECK(redacted("abc abcd", {{"A", "abc"}, {"B", "abcd"}}) == "*** ***");
  CHECK(redacted("nothing", {{"A", ""}}) == "nothing");
}

TEST_CASE("a secret that cannot be read is named by its variable and file") {
  Given given("true");
  given.command.secrets["TOKEN"] = given.folder / "nowhere";
  const Error error = given.refused();
  CHECK(error.cause == Cause::fetch);
  CHECK(error.text.find("cannot read the secret TOKEN: ") == 0);
  CHECK(error.text.find("nowhere") != std::string::npos);
  given.command.secrets["TOKEN"] = given.folder.write("empty", "\nhunter2\n");
  CHECK(given.refused().text.find("is empty") != std::string::npos);
}

TEST_CASE("how a configured command ended is told, with the last lines that it said") {
  CHECK(Given("for l in 1 2 3 4; do echo $l >&2; done; echo >&2; exit 7").refused().text ==
        "the test command ended with exit code 7: 2; 3; 4");
  CHECK(Given("kill -9 $$").refused().text == "the test command was ended by SIGKILL");
  CHECK(Given("printf '\\033[2Jx' >&2; exit 1").refused().text.find('\033') == std::string::npos);
  CHECK(Given("echo out").run().value() == "out\n");
  Given nowhere("true");
  nowhere.rules.program = "/nowhere/program";
  CHECK_FALSE(nowhere.run());
}

TEST_CASE("a configured command that prints more than it may is ended") {
  Given given("yes");
  const Error error = given.refused();
  CHECK(error.cause == Cause::fetch);
  CHECK(error.text == "the test command printed more than 64 KiB");
  given.command.script = "head -c 65537 /dev/zero";
  CHECK(given.refused().text == "the test command printed more than 64 KiB");
  given.command.script = "head -c 65536 /dev/zero";
  CHECK(given.run().value().size() == 65536);
}

TEST_CASE("what a configured command leaves behind ends with it") {
  Given given(runaways);
  REQUIRE(given.run());
  CHECK(left_of(given.folder).empty());
  given.command.script += "exit 5";
  CHECK(given.refused().text == "the test command ended with exit code 5");
  CHECK(left_of(given.folder).empty());
}

TEST_CASE("a configured command is ended at its limit and by a stop, with all that it started") {
  Given given(std::string(runaways) + "tail -f /dev/null");
  given.rules.limit = 3s;
  const Error late = given.refused();
  CHECK(late.cause == Cause::timeout);
  CHECK(late.text == "the test command did not end within 3s");
  CHECK(left_of(given.folder).empty());
  std::stop_source stop;
  given.rules.limit = 20s;
  given.rules.stop = stop.get_token();
  stop.request_stop();
  CHECK(given.refused().cause == Cause::cancelled);
  CHECK(left_of(given.folder).empty());
}

TEST_CASE("a configured command ends with the process that started it, however that ends") {
  Given given(std::string(runaways) + "tail -f /dev/null");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    given.rules.held = given.folder.path();
    (void)given.run();
    _exit(0);
  }
  const bool started = soon([&] {
    const auto three = read_file(given.folder / "three");
    return three && !three->empty() && lives(given.folder / "one") && lives(given.folder / "two");
  });
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(started);
  // The folder is locked for as long as something of it may run.
  const Fd folder(open(given.folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  CHECK(soon([&] { return flock(folder.get(), LOCK_EX | LOCK_NB) == 0; }));
  CHECK(left_of(given.folder).empty());
}

TEST_CASE("a configured command reads and writes the descriptors that it is given") {
  Given given("tr a-z A-Z; echo said >&2");
  const Path from = given.folder.write("from", "content\n"), to = given.folder.write("to", "");
  const Fd in(open(from.c_str(), O_RDONLY | O_CLOEXEC)),
      out(open(to.c_str(), O_WRONLY | O_CLOEXEC));
  given.rules.input = in.get();
  given.rules.result = out.get();
  CHECK(given.run().value().empty());
  CHECK(read_file(to).value() == "CONTENT\n");
}

TEST_CASE("a configured command writes no larger file than it may, and what watches ends it") {
  Given given("yes > $FOLDER/flood");
  given.rules.max_file = 1U << 20U;
  const Error full = given.refused();
  CHECK(full.cause == Cause::space);
  CHECK(full.text.find("1 MiB") != std::string::npos);
  CHECK(std::filesystem::file_size(given.folder / "flood") <= 1U << 20U);
  given.command.script = "tail -f /dev/null";
  int asked = 0;
  given.rules.watch = [&]() -> std::optional<Error> {
    if (++asked < 3) return std::nullopt;
    return Error{Cause::space, "enough", ""};
  };
  CHECK(given.refused().text == "enough");
}
