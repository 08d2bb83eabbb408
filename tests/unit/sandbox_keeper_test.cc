// SPDX-License-Identifier: Apache-2.0
#include "sandbox/keeper.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <thread>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// What connect() gives in a jail with a keeper, before there is a server.
std::string connecting(Start start, const std::function<std::string()>& act) {
  const Place place(start);
  KeeperSetup setup;
  setup.sandbox = place.sandbox();
  return in_child(
             start,
             [&] { return with_keeper(setup, [&](Keeper&, const JailProof&) { return act(); }); })
      .text;
}

long connect_to(const Path& path) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::copy_n(path.c_str(), path.string().size(), static_cast<char*>(to.sun_path));
  const Fd made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(made.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

}  // namespace

TEST_CASE("a jailed worker talks to a server in a jail of its own") {
  if (!has_postgres()) return;
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Told told = served(start, [&](const Client& client) {
      const Stopwatch watch;
      const std::string answer = client.sql("SELECT 'answer ' || 6 * 7");
      return answer + ", " + std::string(name_of(client.server.proof.isolation)) +
             text::join(client.server.proof.broken, ", ") + ", " +
             (client.server.version.starts_with(std::to_string(client.server.major)) ? ""
                                                                                     : "not ") +
             "of its version, in " + (watch.took() < std::chrono::minutes(1) ? "time" : "vain");
    });
    CHECK(told.text == "answer 42, full, of its version, in time");
  }
}

TEST_CASE("the second server starts from the template of the first") {
  if (!has_postgres()) return;
  const Folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const Path templates = folder / "templates";
  REQUIRE(mkdir(templates.c_str(), 0700) == 0);
  if (geteuid() == 0) REQUIRE(chown(templates.c_str(), 65534, 65534) == 0);
  std::string took;
  for (int run = 0; run < 2; ++run) {
    const Place place(Start::as_is);
    KeeperSetup setup;
    setup.sandbox = place.sandbox();
    setup.templates = templates;
    const Told told = in_child(Start::as_is, [&]() -> std::string {
      const Stopwatch watch;
      return with_server(setup, [&](const Client& client) {
        return client.sql("SELECT 'ready'") + " after " + text::format_duration(watch.took());
      });
    });
    CHECK(told.text.starts_with("ready after "));
    took += (run == 0 ? "the first server was " : ", the second ") + told.text;
  }
  WARN(took);
  const auto kept = std::distance(std::filesystem::directory_iterator(templates), {});
  CHECK(kept == 1);
}

TEST_CASE("several threads connect to the server at once") {
  if (!has_postgres()) return;
  const Told told = served(Start::as_is, [](const Client& client) {
    std::array<std::string, 8> said_to;
    std::vector<std::jthread> threads;
    for (std::string& each : said_to)
      threads.emplace_back([&] { each = client.sql("SELECT 'hello'"); });
    threads.clear();
    return std::to_string(std::count(said_to.begin(), said_to.end(), "hello"));
  });
  CHECK(told.text == "8");
}

// A busy machine makes connections faster than its server accepts them.
TEST_CASE("connections that the server has no place for yet wait, and are not refused") {
  if (!has_postgres()) return;
  const Told told = served(Start::as_is, [](const Client&) -> std::string {
    for (int i = 0; i < 2000; ++i)
      if (connect_to("/backproof") != 0) return std::to_string(i) + ": " + errno_text(errno);
    return "all";
  });
  CHECK(told.text == "all");
}

TEST_CASE("a jail with a keeper is proven full, and refuses every socket but one kind") {
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Place place(start);
    KeeperSetup setup;
    setup.sandbox = place.sandbox();
    const Told told = in_child(start, [&] {
      return with_keeper(setup, [](Keeper&, const JailProof& proof) { return render(proof); });
    });
    INFO(told.text);
    CHECK(
        told.text.starts_with("full held: [exec] [fork] [network] [unix sockets] [write outside] "
                              "[read outside]"));
    for (const int family : {AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK})
      CHECK(connecting(start, [=] { return outcome(socket(family, SOCK_STREAM, 0)); }) ==
            "Operation not permitted");
    for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_RAW})
      CHECK(connecting(start, [=] { return outcome(socket(AF_UNIX, type, 0)); }) ==
            "Operation not permitted");
    CHECK(connecting(start, [] {
            return outcome(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
          }) == "allowed");
  }
}

TEST_CASE("before there is a server every connection is refused") {
  const Folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms{0755});
  const Path path = folder / "socket";
  const Fd listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::copy_n(path.c_str(), path.string().size(), static_cast<char*>(at.sun_path));
  REQUIRE(bind(listening.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(listen(listening.get(), 1) == 0);
  std::filesystem::permissions(path, std::filesystem::perms{0777});
  for (const Start start : {Start::as_is, Start::unprivileged})
    CHECK(connecting(start, [&] { return outcome(connect_to(path)); }) ==
          "Operation not permitted");
}

TEST_CASE("an address that a worker makes up leads to its server and nowhere else") {
  if (!has_postgres()) return;
  const Told told = served(Start::as_is, [](const Client& client) {
    Client elsewhere = client;
    elsewhere.server.conninfo = "host=/run/production user=backproof_superuser";
    return elsewhere.sql("SELECT current_setting('fsync')");
  });
  CHECK(told.text == "off");
}

TEST_CASE(
    "a server's jail without Landlock is partial, and no server starts unless that is enough") {
  if (!has_postgres()) return;
  KeeperSetup setup;
  setup.without = {"landlock"};
  const auto proof = [](const Client& client) { return render(client.server.proof); };
  const Told refused = served(Start::unprivileged, proof, setup);
  INFO(refused.text);
  CHECK(refused.text.starts_with("no server: the jail of the server is partial, not held: exec, "));
  setup.require = Isolation::partial;
  const Told allowed = served(Start::unprivileged, proof, setup);
  INFO(allowed.text);
  CHECK(allowed.text.starts_with("partial "));
  CHECK(has(allowed.text.substr(allowed.text.find("broken")), "[write outside]"));
}

TEST_CASE("a system that forbids namespaces gives a server whose jail says what it is") {
  if (!has_postgres()) return;
  const Place place(Start::as_is);
  KeeperSetup setup;
  setup.sandbox = place.sandbox();
  setup.templates = shared_templates(Start::as_is);
  const Told told = in_child(Start::as_is, [&] {
    forbid_namespaces();
    return with_server(setup, [](const Client& client) {
      return client.sql("SELECT 'here'") + " " + render(client.server.proof);
    });
  });
  INFO(told.text);
  // Signals are held by Landlock where it is new enough (ABI 6), and by nothing else.
  CHECK((told.text.starts_with("here full") || has(told.text, "not held: other processes")));
  CHECK_FALSE(has(told.text, "namespace"));
}

TEST_CASE("what is not there to be started is said with the package that brings it") {
  const Place place(Start::as_is);
  KeeperSetup setup;
  setup.sandbox = place.sandbox();
  const auto starting = [&](int major) {
    return in_child(Start::as_is,
                    [&] {
                      return with_keeper(
                          setup, [&](Keeper& keeper, const JailProof&) -> std::string {
                            const auto server = keeper.start_server(major);
                            return server ? "started"
                                          : std::string(name_of(server.error().cause)) + ": " +
                                                server.error().str();
                          });
                    })
        .text;
  };
  if (has_postgres()) {
    const std::string future = starting(99);
    INFO(future);
    CHECK(future.starts_with("version: PostgreSQL 99 or newer is needed and "));
    CHECK(future.ends_with("hint: install postgresql-99"));
  }
  setup.pg_bin = "/nowhere";
  CHECK(starting(15).starts_with("missing_tool: no postgres and initdb in /nowhere"));
}
