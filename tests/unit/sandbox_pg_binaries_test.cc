// SPDX-License-Identifier: Apache-2.0
#include "sandbox/pg_binaries.h"

#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// A folder of programs that says to be of that version.
Path pretended(const Folder& folder, const std::string& name, const std::string& line) {
  const std::string script = "#!/bin/sh\necho '" + line + "'\n";
  for (const char* program : {"postgres", "initdb"}) {
    const Path path = folder.write(name + "/" + program, script);
    std::filesystem::permissions(path, std::filesystem::perms{0755});
  }
  return folder / name;
}

}  // namespace

TEST_CASE("the version of a server is read from what it says of itself") {
  struct Line {
    const char* text;
    int major;
    const char* version;
  };
  for (const Line& line :
       {Line{"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", 15, "15.18"},
        Line{"postgres (PostgreSQL) 9.6.24", 9, "9.6.24"},
        Line{"postgres (PostgreSQL) 18beta1", 18, "18beta1"}}) {
    const auto binaries = parse_pg_version(line.text);
    REQUIRE(binaries);
    CHECK(binaries->major == line.major);
    CHECK(binaries->version == line.version);
  }
  for (const char* odd : {"", "postgres", "mysqld 8.0", "postgres (PostgreSQL) devel"})
    CHECK_FALSE(parse_pg_version(odd));
}

TEST_CASE("a configured folder of programs is the one that is used") {
  const Folder folder;
  const Path bin = pretended(folder, "bin", "postgres (PostgreSQL) 16.4");
  const auto found = find_pg_binaries(bin, 16);
  REQUIRE(found);
  CHECK(found->folder == bin);
  CHECK(found->version == "16.4");
}

TEST_CASE("a server that is too old names what to install") {
  const Folder folder;
  const auto found = find_pg_binaries(pretended(folder, "bin", "postgres (PostgreSQL) 15.18"), 17);
  REQUIRE_FALSE(found);
  CHECK(found.error().cause == Cause::version);
  CHECK(found.error().str() ==
        "PostgreSQL 17 or newer is needed and 15.18 is the newest installed; hint: install "
        "postgresql-17");
}

TEST_CASE("a configured folder without a server is missing_tool, whatever else is installed") {
  const Folder folder;
  const auto found = find_pg_binaries(folder.path(), 0);
  REQUIRE_FALSE(found);
  CHECK(found.error().cause == Cause::missing_tool);
}

TEST_CASE("a server that is killed while it is asked for its version is there all the same") {
  const Folder folder;
  const Path bin = pretended(folder, "bin", "postgres (PostgreSQL) 16.4");
  folder.write("bin/postgres", "#!/bin/sh\nkill -9 $$\n");
  std::filesystem::permissions(bin / "postgres", std::filesystem::perms{0755});
  const auto found = find_pg_binaries(bin, 0);
  REQUIRE_FALSE(found);
  CHECK(found.error().cause == Cause::crashed);
}

TEST_CASE("the loader of a program is the one that the kernel starts with it") {
  const auto loader = loader_of("/bin/sh");
  REQUIRE(loader);
  CHECK(std::filesystem::exists(*loader));
  CHECK(has(loader->filename().string(), "ld-"));
  const Folder folder;
  CHECK_FALSE(loader_of(folder.write("text", "no program")));
}
