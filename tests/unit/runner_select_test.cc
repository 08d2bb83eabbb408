// SPDX-License-Identifier: Apache-2.0
#include "runner/select.h"

#include "support/support.h"

using namespace backproof;

TEST_CASE("companions lie beside the real file, also when the backup is a symlink") {
  const test::Folder folder;
  std::filesystem::create_directory(folder / "real");
  std::filesystem::create_directory(folder / "links");
  folder.write("real/a.db", "database");
  folder.write("real/a.db-wal", "log");
  folder.write("links/b.db-journal", "of something else");
  std::filesystem::create_symlink("../real/a.db", folder / "links/b.db");
  for (const char* name : {"real/a.db", "links/b.db"}) {
    const auto selected = select_named(folder / name);
    INFO(name);
    REQUIRE(selected);
    CHECK(selected.value().wal);
    CHECK(selected.value().wal_facts.bytes == 3);
    CHECK_FALSE(selected.value().journal);
  }
}

TEST_CASE("a companion that is there and no file that can be read is an error that names it") {
  const test::Folder folder;
  const Path backup = folder.write("a.db", "database");
  const auto refused = [&] {
    const auto selected = select_named(backup);
    REQUIRE_FALSE(selected);
    CHECK(selected.error().cause == Cause::fetch);
    return selected.error().text;
  };
  CHECK(select_named(backup));
  std::filesystem::create_symlink("nowhere", folder / "a.db-wal");
  CHECK(refused().find("a.db-wal, which belongs to the backup: it is a symlink") !=
        std::string::npos);
  std::filesystem::remove(folder / "a.db-wal");
  std::filesystem::create_directory(folder / "a.db-journal");
  CHECK(refused().find("a.db-journal, which belongs to the backup: it is a folder") !=
        std::string::npos);
  std::filesystem::remove(folder / "a.db-journal");
  test::sh("mkfifo " + (folder / "a.db-wal").native());
  CHECK(refused().find("a pipe") != std::string::npos);
}

TEST_CASE("a backup with the longest name there is has no companions") {
  const test::Folder folder;
  CHECK(select_named(folder.write(std::string(255, 'n'), "database")));
}

TEST_CASE("what is no file is no backup") {
  const test::Folder folder;
  CHECK(select_named(folder / "missing").error().cause == Cause::fetch);
  CHECK(select_named(folder.path()).error().cause == Cause::wrong_format);
}
