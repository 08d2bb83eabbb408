// SPDX-License-Identifier: Apache-2.0
#include "sandbox/sandbox.h"

#include <fstream>

#include "support/support.h"

using namespace backproof;
using backproof::test::Folder;

namespace {

constexpr std::uintmax_t mib = 1U << 20U;

Path empty_folder(const Folder& folder) {
  const Path path = folder / "sandbox";
  std::filesystem::create_directory(path);
  return path;
}

}  // namespace

TEST_CASE("a sandbox without a budget may hold what is free, less a reserve") {
  const Folder folder;
  const auto sandbox = Sandbox::open(empty_folder(folder), 0);
  REQUIRE(sandbox);
  const Space space = space_of(folder.path()).value();
  CHECK(sandbox->budget() > 0);
  CHECK(sandbox->budget() + 64 * mib <= space.available + 16 * mib);  // others write meanwhile
}

TEST_CASE("a sandbox must exist, be a folder and be empty") {
  const Folder folder;
  const Path file = folder.write("file", "x");
  CHECK_FALSE(Sandbox::open(folder / "missing", 0));
  CHECK_FALSE(Sandbox::open(file, 0));
  const auto full = Sandbox::open(folder.path(), 0);
  REQUIRE_FALSE(full);
  CHECK(full.error().cause == Cause::internal);
  CHECK(full.error().text.find("is not empty") != std::string::npos);
}

TEST_CASE("room is reserved against the budget and what is used of it") {
  const Folder folder;
  const auto sandbox = Sandbox::open(empty_folder(folder), 10 * mib);
  REQUIRE(sandbox);
  CHECK(sandbox->reserve(10 * mib));
  folder.write("sandbox/data", std::string(4 * mib, 'x'));
  CHECK(sandbox->bytes_used() >= 4 * mib);
  CHECK(sandbox->reserve(5 * mib));
  const auto refused = sandbox->reserve(7 * mib);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::space);
  CHECK(refused.error().text.starts_with("the sandbox needs 7,340,032 bytes (7"));
  CHECK(refused.error().text.ends_with(" are left of its budget"));
  CHECK_FALSE(refused.error().hint.empty());
}

TEST_CASE("a budget larger than the disk does not hide that the disk is too small") {
  const Folder folder;
  const auto sandbox = Sandbox::open(empty_folder(folder), UINTMAX_MAX);
  REQUIRE(sandbox);
  const auto refused = sandbox->reserve(UINTMAX_MAX / 2);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().cause == Cause::space);
  CHECK(refused.error().text.ends_with(" are free on its file system"));
}

TEST_CASE("clearing a sandbox leaves the empty folder") {
  const Folder folder;
  auto sandbox = Sandbox::open(empty_folder(folder), 0);
  REQUIRE(sandbox);
  folder.write("sandbox/a/b/c", "x");
  folder.write("sandbox/d", "x");
  std::filesystem::create_directory_symlink("/etc", sandbox->folder() / "link");
  CHECK(sandbox->clear());
  CHECK(std::filesystem::is_empty(sandbox->folder()));
  CHECK(std::filesystem::exists("/etc/passwd"));
}
