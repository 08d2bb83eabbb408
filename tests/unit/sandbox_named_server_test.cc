// SPDX-License-Identifier: Apache-2.0
#include "sandbox/named_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

std::string parsed(std::string_view url) {
  const auto parts = parse_pg_url(url);
  if (!parts) return parts.error().text;
  std::string all;
  for (const auto& [key, value] : *parts)
    if (!value.empty()) all += key + "=" + value + " ";
  return all;
}

}  // namespace

TEST_CASE("a server's URL is read as libpq reads it") {
  CHECK(parsed("postgresql://ann:s%40cret@db.example:6432/shop?sslmode=verify-full") ==
        "dbname=shop host=db.example password=s@cret port=6432 sslmode=verify-full user=ann ");
  CHECK(parsed("postgres://[::1]:5433/") == "host=::1 port=5433 ");
  CHECK(parsed("postgresql://%2Frun%2Fpostgresql/") == "host=/run/postgresql ");
  CHECK(parsed("postgresql:///x?host=/run/postgresql&user=u") ==
        "dbname=x host=/run/postgresql user=u ");
}

TEST_CASE("a server's URL that cannot be used is refused without being shown") {
  for (const char* url : {"mysql://u:secret@h/", "host=h password=secret",
                          "postgresql://u:secret@/", "postgresql://u:sec%zzret@h",
                          "postgresql://u:secret@a,b/", "postgresql://u:secret@[::1/"}) {
    const std::string text = parsed(url);
    CHECK(text.starts_with("the server's URL has "));
    CHECK_FALSE(has(text, "secret"));
  }
}

TEST_CASE("a server's URL may hold no secret, and nothing that depends on who asks") {
  CHECK(check_named_server("postgresql://u@h/d?sslmode=verify-full&sslrootcert=/ca.pem"));
  for (const char* query : {"?password=x", "?sslpassword=x", "?passfile=x", "?service=x",
                            "?servicefile=x", "?sslrootcert=system"})
    CHECK_FALSE(check_named_server(std::string("postgresql://u@h/") + query));
  CHECK_FALSE(check_named_server("postgresql://u:x@h/"));
  CHECK_FALSE(check_named_server("postgresql://h/"));
}

TEST_CASE("the files of TLS are copied to where a jailed worker can read them") {
  const Folder folder;
  const Path root = folder.write("ca.pem", "certificate");
  const Path copies = folder / "copies";
  std::filesystem::create_directory(copies);
  const std::string url = "postgresql://u@127.0.0.1/d?sslrootcert=" + root.native();
  REQUIRE(copy_tls_files(url, copies));
  CHECK(read_file(copies / "sslrootcert").value() == "certificate");
  const auto server = NamedServer::look_up(url, "pa'ss", copies);
  REQUIRE(server);
  CHECK(server->entry == "d");
  CHECK(has(server->conninfo, "sslrootcert='" + (copies / "sslrootcert").native() + "'"));
  CHECK(has(server->conninfo, "password='pa\\'ss'"));
  const auto missing = copy_tls_files("postgresql://u@h/?sslkey=/nowhere/key", copies);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().cause == Cause::fetch);
}

TEST_CASE("with a server that the user names a worker's connections go there and nowhere else") {
  const Fd listening(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(bind(listening.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
  REQUIRE(listen(listening.get(), 9) == 0);
  REQUIRE(getsockname(listening.get(), reinterpret_cast<sockaddr*>(&at), &size) == 0);
  for (const Start start : {Start::as_is, Start::unprivileged}) {
    const Place place(start);
    KeeperSetup setup;
    setup.sandbox = place.sandbox();
    setup.require = Isolation::partial;
    setup.server = "postgresql://u@localhost:" + std::to_string(ntohs(at.sin_port)) +
                   "/x?hostaddr=127.0.0.1&sslmode=disable";
    const Told told = in_child(start, [&]() -> std::string {
      return with_keeper(setup, [](Keeper& keeper, const JailProof& proof) -> std::string {
        const auto server = keeper.start_server(15);
        if (!server) return server.error().str();
        // Wherever it is meant to go.
        const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(
            PQconnectStart("hostaddr=192.0.2.1 port=1 gssencmode=disable sslmode=disable"),
            PQfinish);
        const Fd datagrams(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        return std::string(name_of(proof.isolation)) + " and " +
               std::string(name_of(server->proof.isolation)) + ", " + server->proof.broken.front() +
               (server->throw_away ? ", ours" : "") + (datagrams ? ", datagrams" : "") + ": " +
               server->conninfo;
      });
    });
    CHECK(told.text ==
          "full and partial, the server is not ours: connect_timeout='10' gssencmode='disable' "
          "host='localhost' "
          "hostaddr='127.0.0.1' port='" +
              std::to_string(ntohs(at.sin_port)) + "' sslmode='disable' user='u' ");
    // Who calls did not wait for an answer, and a busy kernel takes its time.
    pollfd called{listening.get(), POLLIN, 0};
    CHECK(poll(&called, 1, 10'000) == 1);
    const Fd caller(accept(listening.get(), nullptr, nullptr));
    CHECK(caller);
  }
}
