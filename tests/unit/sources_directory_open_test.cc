// SPDX-License-Identifier: Apache-2.0
#include "sources_directory.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("F82: open gives exactly what was listed, or says that it changed") {
  const Folder folder;
  const TimePoint noon = at("2026-11-20T12:00:00Z");
  const Path file = folder.write("a.db", "12345");
  set_mtime(file, noon);
  const auto source = directory(folder.path());
  const Backup listed = listing_of(*source).backups[0];
  const auto refused = [&](std::string_view why) {
    const auto fd = source->open(listed);
    REQUIRE_FALSE(fd);
    CHECK(fd.error().cause == Cause::fetch);
    CHECK(fd.error().text == "a.db changed since it was listed: " + std::string(why));
    CHECK_FALSE(fd.error().hint.empty());
  };
  CHECK(content_of(*source->open(listed)) == "12345");

  SECTION("written to") {
    folder.write("a.db", "54321");
    refused("it was written to");
  }
  SECTION("longer") {
    folder.write("a.db", "123456");
    set_mtime(file, noon);
    refused("its size differs");
  }
  SECTION("replaced by one of the same size and time") {
    set_mtime(folder.write("b.db", "abcde"), noon);
    std::filesystem::rename(folder / "b.db", file);
    refused("it was replaced by another file");
  }
  SECTION("replaced by a pipe, which does not block") {
    std::filesystem::remove(file);
    REQUIRE(mkfifo(file.c_str(), 0600) == 0);
    refused("it is no regular file any more");
  }
  SECTION("replaced by a symlink out of the folder") {
    const Folder outside;
    set_mtime(outside.write("a.db", "12345"), noon);
    std::filesystem::remove(file);
    std::filesystem::create_symlink(outside / "a.db", file);
    const auto fd = source->open(listed);
    REQUIRE_FALSE(fd);
    CHECK(fd.error().text == "a.db points out of the folder");
  }
  SECTION("gone") {
    std::filesystem::remove(file);
    const auto fd = source->open(listed);
    REQUIRE_FALSE(fd);
    CHECK(fd.error().cause == Cause::fetch);
    CHECK(fd.error().text == "a.db cannot be opened: No such file or directory");
  }
}

TEST_CASE("open refuses a name that leads out of the folder") {
  const Folder folder;
  folder.write("secret", "x");
  folder.write("in/a.db", "x");
  const auto source = directory(folder / "in");
  for (const char* id : {"../secret", "/etc/passwd", "a.db/../../secret", ""}) {
    Backup backup;
    backup.id = id;
    const auto fd = source->open(backup);
    REQUIRE_FALSE(fd);
    CHECK(fd.error().cause == Cause::fetch);
  }
}
