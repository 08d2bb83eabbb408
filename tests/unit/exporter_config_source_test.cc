// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "support/config.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

std::string wrong(const std::string& lines) {
  return problems_of(with_target(lines));
}

}  // namespace

TEST_CASE("a command that decrypts may be a string or a table") {
  CHECK_FALSE(target_of("").decrypt);
  CHECK(target_of("decrypt = \"age -d\"").decrypt == DecryptSpec{"age -d", {}, {}, 1h});
  const auto decrypt =
      target_of(
          "decrypt = { command = \"gpg -d\", environment = { A = \"b\" }, secrets = "
          "{ KEY = \"/etc/key\" }, timeout = \"5m\" }")
          .decrypt;
  CHECK(decrypt == DecryptSpec{"gpg -d", {{"A", "b"}}, {{"KEY", "/etc/key"}}, 5min});
}

TEST_CASE("what a command that decrypts lacks is said") {
  CHECK(has(wrong("decrypt = \" \""), "is empty"));
  CHECK(has(wrong("decrypt = {}"), "missing key \"command\""));
  CHECK(has(wrong("decrypt = { command = \"x\", comand = \"y\" }"), "unknown key"));
  CHECK(has(wrong("decrypt = { command = \"x\", timeout = \"10ms\" }"), "at least 1s"));
  CHECK(has(wrong("decrypt = { command = \"x\", environment = { \"1A\" = \"b\" } }"),
            "no name of a variable"));
  CHECK(has(wrong("decrypt = { command = \"x\", environment = { BACKUP_ID = \"b\" } }"),
            "told its backup by"));
  CHECK(has(wrong("decrypt = { command = \"x\", secrets = { A = 7 } }"), "no string"));
  CHECK(has(wrong("decrypt = 7"), "decrypt"));
}

TEST_CASE("a secret may lie where systemd puts credentials") {
  const std::string lines =
      "decrypt = { command = \"x\", secrets = { KEY = \"$CREDENTIALS_DIRECTORY/key\" } }\n"
      "sandbox = { password_file = \"$CREDENTIALS_DIRECTORY/pg\" }";
  ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
  const Target target = target_of(lines);
  ::unsetenv("CREDENTIALS_DIRECTORY");
  CHECK(target.decrypt->secrets.at("KEY") == "/run/credentials/x/key");
  CHECK(target.sandbox.password_file == "/run/credentials/x/pg");
  CHECK(has(wrong(lines), "there is no $CREDENTIALS_DIRECTORY here"));
}
