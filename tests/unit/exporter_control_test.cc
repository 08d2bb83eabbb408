// SPDX-License-Identifier: Apache-2.0
#include "exporter/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "support/support.h"

using namespace backproof;

namespace {

// Answers what it was asked.
Result<std::string> echo(const Asked& asked) {
  if (asked.verb == "fail") return Error{Cause::internal, "no " + asked.subject, "a hint"};
  if (asked.verb == "throw") throw std::runtime_error("thrown");
  return asked.verb + ":" + asked.subject;
}

}  // namespace

TEST_CASE("a service is asked, and answers or says why not") {
  test::Folder folder;
  const auto server = ControlServer::start(folder.path(), echo);
  REQUIRE(server);
  CHECK(ask_service(folder.path(), {"verify", "crm"}).value() == "verify:crm");
  const std::string odd = "a\n\"b\" \xc3\xbc";
  CHECK(ask_service(folder.path(), {"verify", odd}).value() == "verify:" + odd);
  const auto refused = ask_service(folder.path(), {"fail", "crm"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "no crm");
  CHECK(refused.error().hint == "a hint");
  const auto thrown = ask_service(folder.path(), {"throw", ""});
  REQUIRE_FALSE(thrown);
  CHECK(ask_service(folder.path(), {"verify", "again"}));
}

TEST_CASE("nobody else may ask a service") {
  test::Folder folder;
  const auto server = ControlServer::start(folder.path(), echo);
  struct stat facts {};
  REQUIRE(stat((folder / "control.sock").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600);
}

TEST_CASE("without a service the answer says so, also where one was killed") {
  test::Folder folder;
  const auto none = ask_service(folder.path(), {"verify", "crm"});
  REQUIRE_FALSE(none);
  CHECK(none.error().text.starts_with("no service runs"));
  REQUIRE(ControlServer::start(folder.path(), echo));
  CHECK_FALSE(std::filesystem::exists(folder / "control.sock"));
  // What a killed one leaves is a socket that nobody listens to.
  const Fd left(socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "control.sock").native().copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(bind(left.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const auto dead = ask_service(folder.path(), {"verify", "crm"});
  REQUIRE_FALSE(dead);
  CHECK(dead.error().text.starts_with("no service runs"));
  const auto next = ControlServer::start(folder.path(), echo);
  CHECK(ask_service(folder.path(), {"verify", "crm"}));
}

TEST_CASE("a state folder of any length has room for the socket") {
  test::Folder folder;
  Path deep = folder.path();
  for (int i = 0; i < 4; ++i) deep /= std::string(60, 'x');
  std::filesystem::create_directories(deep);
  const auto server = ControlServer::start(deep, echo);
  REQUIRE(server);
  CHECK(ask_service(deep, {"verify", "crm"}));
}

TEST_CASE("garbage and silence on the socket keep nobody from being answered") {
  test::Folder folder;
  const auto server = ControlServer::start(folder.path(), echo);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "control.sock").native().copy(address.sun_path, sizeof address.sun_path - 1);
  for (const std::string& garbage : {std::string("\n"), std::string("{]\n"), std::string("[1]\n"),
                                     std::string(10'000, 'x'), std::string("{\"verb\": 1}\n")}) {
    const Fd client(socket(AF_UNIX, SOCK_STREAM, 0));
    REQUIRE(connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    (void)send(client.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL);
    shutdown(client.get(), SHUT_WR);
  }
  CHECK(ask_service(folder.path(), {"verify", "crm"}));
}
