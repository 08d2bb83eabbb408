// SPDX-License-Identifier: Apache-2.0
#include "sandbox/space_guard.h"

#include <fcntl.h>

#include "support/support.h"

using namespace backproof;
using namespace backproof::test;

TEST_CASE("a folder within its budget is no trouble, and is not looked at all the time") {
  const Folder folder;
  folder.write("file", std::string(4096, 'x'));
  SpaceGuard guard(folder.path(), 1U << 20U);
  CHECK(guard.wait_ms() == 0);
  CHECK_FALSE(guard.check());
  CHECK(guard.wait_ms() > 0);
}

TEST_CASE("a folder beyond its budget is an error that names needed and available") {
  const Folder folder;
  folder.write("deep/file", std::string(100'000, 'x'));
  SpaceGuard guard(folder.path(), 50'000);
  const auto error = guard.check();
  REQUIRE(error);
  CHECK(error->cause == Cause::space);
  CHECK(error->text.find("50,000 bytes (48.8 KiB) are available") != std::string::npos);
}

TEST_CASE("a folder without a budget may hold what there is room for") {
  const Folder folder;
  folder.write("file", std::string(100'000, 'x'));
  CHECK_FALSE(SpaceGuard(folder.path(), 0).check());
}
