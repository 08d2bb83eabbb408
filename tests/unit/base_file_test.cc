// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/support.h"

using namespace backproof;

TEST_CASE("a file is replaced atomically and no temporary file stays") {
  const test::Folder folder;
  const Path file = folder.write("a", "old");
  REQUIRE(write_atomic(file, "new", 0600));
  CHECK(read_file(file).value() == "new");
  struct stat st {};
  REQUIRE(::stat(file.c_str(), &st) == 0);
  CHECK((st.st_mode & 0777U) == 0600U);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  CHECK_FALSE(write_atomic(folder / "no" / "such", "x"));
}

TEST_CASE("reading refuses what is too large or no regular file, and names the file") {
  const test::Folder folder;
  const Path file = folder.write("a", std::string(100, 'x'));
  CHECK_FALSE(read_file(file, 99));
  CHECK(read_file(file, 100));
  CHECK_FALSE(read_file(folder.path()));
  const auto missing = read_file(folder / "missing");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().cause == Cause::fetch);
  CHECK(missing.error().text.find("missing") != std::string::npos);
}

TEST_CASE("opening a pipe without a writer does not block") {
  const test::Folder folder;
  REQUIRE(mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const auto fd = open_readonly(folder / "pipe");
  REQUIRE(fd);
  CHECK_FALSE(facts_of(fd->get())->is_regular());
}

TEST_CASE("facts of a file change when it is written to") {
  const test::Folder folder;
  const Path file = folder.write("a", "12345");
  const auto fd = open_readonly(file);
  REQUIRE(fd);
  const FileFacts before = facts_of(fd->get()).value();
  CHECK(before.bytes == 5);
  folder.write("a", "123456");
  CHECK_FALSE(facts_of(fd->get()).value() == before);
}

TEST_CASE("a folder is removed with all below it, also where its mode forbids it") {
  const test::Folder folder;
  folder.write("tree/a/b/c", "x");
  folder.write("tree/d", "y");
  REQUIRE(symlink("/etc", (folder / "tree/link").c_str()) == 0);
  REQUIRE(chmod((folder / "tree/a").c_str(), 0) == 0);
  REQUIRE(remove_tree(folder / "tree"));
  CHECK_FALSE(std::filesystem::exists(folder / "tree"));
  CHECK(std::filesystem::exists("/etc/passwd"));
  CHECK(remove_tree(folder / "tree"));
}

TEST_CASE("a temporary folder is private and gone in the end") {
  const test::Folder parent;
  Path path;
  {
    auto dir = TempDir::create(parent.path(), "t-");
    REQUIRE(dir);
    path = dir->path();
    struct stat st {};
    REQUIRE(::stat(path.c_str(), &st) == 0);
    CHECK((st.st_mode & 0777U) == 0700U);
    const TempDir moved = std::move(*dir);
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(TempDir::create(parent / "missing", "t-"));
}

TEST_CASE("bytes below a folder do not count what symlinks point to") {
  const test::Folder folder;
  folder.write("tree/a", std::string(100'000, 'x'));
  folder.write("other", std::string(1'000'000, 'x'));
  REQUIRE(symlink((folder / "other").c_str(), (folder / "tree/link").c_str()) == 0);
  const auto bytes = bytes_below(folder / "tree");
  CHECK(bytes >= 100'000);
  CHECK(bytes < 200'000);
}

TEST_CASE("a chain of thousands of folders is counted and removed with few descriptors") {
  constexpr int depth = 4000;
  const test::Folder folder;
  {
    Path path = folder / "tree";
    std::filesystem::create_directory(path);
    Fd here(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < depth; ++i) {
      REQUIRE(mkdirat(here.get(), "d", 0700) == 0);
      const Fd file(openat(here.get(), "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
      REQUIRE(write_all(file.get(), as_bytes("x")));
      here = Fd(openat(here.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      REQUIRE(here);
    }
  }
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit few{64, before.rlim_max};
  REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
  const std::uintmax_t bytes = bytes_below(folder / "tree");
  const auto removed = remove_tree(folder / "tree");
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(bytes >= depth * 512U);
  CHECK(removed);
  CHECK_FALSE(std::filesystem::exists(folder / "tree"));
}

TEST_CASE("removing a tree that is wide and deep leaves nothing and follows no link") {
  const test::Folder folder;
  folder.write("kept/file", "x");
  REQUIRE(chmod((folder / "kept").c_str(), 0755) == 0);
  for (int i = 0; i < 300; ++i) {
    const std::string name = "tree/" + std::to_string(i % 7) + "/" + std::to_string(i) + "/a/b";
    folder.write(name + "/file", "x");
    REQUIRE(symlink((folder / "kept").c_str(), (folder / (name + "/link")).c_str()) == 0);
    REQUIRE(chmod((folder / name).c_str(), 0) == 0);
  }
  REQUIRE(remove_tree(folder / "tree"));
  CHECK_FALSE(std::filesystem::exists(folder / "tree"));
  CHECK(read_file(folder / "kept/file").value() == "x");
  CHECK((std::filesystem::status(folder / "kept").permissions()) == std::filesystem::perms{0755});
}

TEST_CASE("removing a tree does not empty what is mounted in it") {
  const test::Folder folder;
  folder.write("kept/file", "x");
  folder.write("tree/a/file", "x");
  folder.write("tree/a/mounted/below", "x");
  const Path mounted = folder / "tree/a/mounted";
  if (mount((folder / "kept").c_str(), mounted.c_str(), "", MS_BIND, nullptr) != 0) {
    WARN("not tried: this user may not mount");
    return;
  }
  const auto removed = remove_tree(folder / "tree");
  const bool kept = std::filesystem::exists(folder / "kept/file");
  REQUIRE(umount(mounted.c_str()) == 0);
  CHECK_FALSE(removed);
  CHECK(kept);
  CHECK_FALSE(std::filesystem::exists(folder / "tree/a/file"));
  CHECK(remove_tree(folder / "tree"));
}

TEST_CASE("writing to a full device has cause space") {
  const Fd full(::open("/dev/full", O_WRONLY));
  REQUIRE(full);
  const auto written = write_all(full.get(), as_bytes("x"));
  REQUIRE_FALSE(written);
  CHECK(written.error().cause == Cause::space);
}
