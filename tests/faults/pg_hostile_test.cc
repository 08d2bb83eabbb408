// SPDX-License-Identifier: Apache-2.0
// Dumps of PostgreSQL that attack whoever restores them. What they attempt stands in each of
// tests/faults/pg/hostile; here is watched that nothing of it comes to pass.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "model/run_json.h"
#include "support/pg_damage.h"

using namespace backproof;
using namespace backproof::test;

namespace {

const Path texts = Path(BACKPROOF_SOURCE_DIR) / "tests/faults/pg/hostile";
constexpr std::string_view secret = "nothing may read or change this\n";

// What lies outside of every sandbox and must stay as it is: a file that anybody may write, a place
// where anybody may make one, a TCP port and a unix socket that anybody may connect to.
class Outside {
 public:
  explicit Outside(const Folder& folder) : open_(folder / "open") {
    std::filesystem::create_directories(open_ / "socket");
    folder.write("open/secret", secret);
    tcp_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(tcp_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(tcp_.get(), 8) == 0);
    REQUIRE(::getsockname(tcp_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    unix_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    const std::string path = (open_ / "socket/.s.PGSQL.5432").native();
    REQUIRE(path.size() < sizeof local.sun_path);
    std::copy(path.begin(), path.end(), local.sun_path);
    REQUIRE(::bind(unix_.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) == 0);
    REQUIRE(::listen(unix_.get(), 8) == 0);
    sh("chmod -R a+rwX " + open_.native());
  }

  // The text with the places that it attempts to reach.
  std::string aimed(std::string text) const {
    const std::pair<std::string, std::string> aims[] = {
        {"CANARY_FILE", (open_ / "canary").native()},
        {"CANARY_READ", (open_ / "secret").native()},
        {"CANARY_FOLDER", open_.native()},
        {"TCP_PORT", std::to_string(port_)},
        {"UNIX_SOCKET", (open_ / "socket").native()}};
    for (const auto& [name, place] : aims)
      for (std::size_t at; (at = text.find(name)) != std::string::npos;)
        text.replace(at, name.size(), place);
    return text;
  }

  void check_untouched() const {
    CHECK_FALSE(std::filesystem::exists(open_ / "canary"));
    CHECK(content_of(open_ / "secret") == secret);
    CHECK(std::distance(std::filesystem::directory_iterator(open_), {}) == 2);
    CHECK_FALSE(std::filesystem::exists("/tmp/evil.so"));
    CHECK_FALSE(std::filesystem::exists("/tmp/backproof-owned"));
    for (const Fd* socket : {&tcp_, &unix_}) {
      const Fd visitor(::accept4(socket->get(), nullptr, nullptr, SOCK_CLOEXEC));
      CHECK(visitor.get() < 0);
    }
  }

 private:
  Path open_;
  Fd tcp_, unix_;
  int port_ = 0;
};

// Verifies with limits that a bomb meets soon.
Run limited(const Folder& folder, const Path& backup) {
  const Scratch scratch;
  const std::string timeout = "15s";
  const Path config = folder.write(
      "backproof.toml", "scratch_dir = \"" + scratch.path().native() +
                            "\"\nstate_dir = \"state\"\n\n[[target]]\nname = \"t\"\n"
                            "source = { kind = \"directory\", path = \"" +
                            backup.parent_path().native() + "\", pattern = \"" +
                            backup.filename().native() + "\", settle = \"0s\" }\ntimeout = \"" +
                            timeout + "\"\nmax_scratch = \"600MB\"\n");
  std::filesystem::create_directories(folder / "state");
  const Stopwatch watch;
  const Output output =
      program({"verify", "--format", "json", "--config.file", config.native(), "--target", "t"});
  CHECK(watch.took() < std::chrono::seconds(60));
  INFO(output.out << output.err);
  const auto run = run_from_json(output.out);
  REQUIRE(run);
  CHECK(left_in(scratch.path()) == std::vector<std::string>{});
  return *run;
}

// These are only let loose where the jail is known to hold.
bool jail_is_open() {
  const Folder folder;
  const Run run = verified(make_pg_plain(folder, "good.sql"));
  INFO(run.reason);
  CHECK(run.verdict == Verdict::passed);
  CHECK(run.isolation == Isolation::full);
  return run.verdict != Verdict::passed || run.isolation != Isolation::full;
}

std::vector<Path> hostile_files(const Path& below, bool (*wanted)(const std::string&)) {
  std::vector<Path> files;
  for (const auto& entry : std::filesystem::directory_iterator(below))
    if (entry.path().extension() == ".sql" && wanted(entry.path().stem()))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE_FALSE(files.empty());
  return files;
}

// The dump without the comments that say what it attempts.
std::string dump_in(const Path& file) {
  std::string text = content_of(file);
  return text.substr(text.find("--\n-- PostgreSQL database dump"));
}

bool is_bomb(const std::string& name) {
  return name.starts_with("bomb_");
}
bool is_endless(const std::string& name) {
  return name.starts_with("endless_");
}
bool is_meta(const std::string& name) {
  return name.starts_with("meta_");
}

void let_loose(bool (*wanted)(const std::string&), void (*judge)(const Run&)) {
  if (pg_missing() || jail_is_open()) return;
  for (const Path& file : hostile_files(texts, wanted)) {
    const Folder folder;
    const Outside outside(folder);
    const Path dump =
        folder.write("backups/" + file.filename().native(), outside.aimed(dump_in(file)));
    const Run run = limited(folder, dump);
    INFO(file.filename().native() << ": " << name_of(run.verdict) << " " << name_of(run.cause)
                                  << " " << run.reason);
    outside.check_untouched();
    CHECK(run.cause != Cause::internal);
    judge(run);
  }
}

}  // namespace

TEST_CASE("F92: a plain dump with any command of psql but pg_dump's own is hostile") {
  let_loose(is_meta, [](const Run& run) { CHECK(run.cause == Cause::hostile); });
}

TEST_CASE("F93, F94, F100: a plain dump with code in it reaches nothing outside of its sandbox") {
  let_loose([](const std::string& n) { return !is_meta(n) && !is_bomb(n) && !is_endless(n); },
            [](const Run& run) {
              CHECK(run.verdict != Verdict::inconclusive);
              CHECK(run.cause != Cause::truncated);
            });
}

TEST_CASE("F99: a plain dump that grows without end is stopped") {
  let_loose(is_bomb, [](const Run& run) { CHECK(run.verdict != Verdict::passed); });
}

TEST_CASE("F80: a plain dump that never ends is stopped at its deadline, whatever it ignores") {
  let_loose(is_endless, [](const Run& run) {
    CHECK((run.cause == Cause::timeout || run.verdict == Verdict::failed));
  });
}

TEST_CASE("F94: an archive with code in it reaches nothing outside of its sandbox") {
  if (pg_missing() || jail_is_open()) return;
  const PgTestServer server;
  for (const Path& file :
       hostile_files(texts / "archive", [](const std::string&) { return true; })) {
    const Folder folder;
    const Outside outside(folder);
    const std::string name = file.stem();
    server.make_database(name);
    // Harmless by its setting here, which the dump does not have.
    server.psql(name, outside.aimed(content_of(file)));
    std::filesystem::create_directory(folder / "backups");
    for (const std::string form : {"c", "t", "p"}) {
      const Path dump = folder / ("backups/" + name + "." + form);
      server.dump_to(dump, name, {"-F" + form, "--create"});
      outside.check_untouched();
      const Run run = limited(folder, dump);
      INFO(name << " -F" << form << ": " << name_of(run.verdict) << " " << name_of(run.cause) << " "
                << run.reason);
      outside.check_untouched();
      CHECK(run.cause != Cause::internal);
    }
  }
}
