// SPDX-License-Identifier: Apache-2.0
#include "sandbox/pg_template.h"

#include <sys/file.h>

#include "sandbox_keeper_child.h"

using namespace backproof;
using namespace backproof::test;

namespace {

// Folders for a user that initdb accepts: `act` makes clusters there, and says how it went.
struct Ground {
  Folder folder;
  Path templates = folder / "templates";
  Ground() {
    std::filesystem::permissions(folder.path(), std::filesystem::perms{0777});
    REQUIRE(mkdir(templates.c_str(), 0700) == 0);
    if (geteuid() == 0) REQUIRE(chown(templates.c_str(), 65534, 65534) == 0);
  }
  std::string as_user(const std::function<std::string(const PgBinaries&)>& act) const {
    return in_child(Start::as_is,
                    [&]() -> std::string {
                      if (geteuid() == 0 &&
                          (setgroups(0, nullptr) != 0 || setresgid(65534, 65534, 65534) != 0 ||
                           setresuid(65534, 65534, 65534) != 0))
                        return "cannot become that user";
                      const auto binaries = find_pg_binaries({}, 0);
                      return binaries ? act(*binaries) : binaries.error().str();
                    })
        .text;
  }
  std::string make(const std::string& name) const {
    return as_user([&](const PgBinaries& binaries) {
      const auto made = make_pg_cluster(binaries, templates, folder / name);
      return made ? std::string("made") : made.error().str();
    });
  }
  bool has_cluster(const std::string& name) const {
    return std::filesystem::exists(folder / name / "PG_VERSION") &&
           std::filesystem::exists(folder / name / "global/pg_control");
  }
  std::vector<std::string> kept() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(templates))
      names.push_back(entry.path().filename().string());
    return names;
  }
};

}  // namespace

TEST_CASE("a cluster is made from a template that the first one leaves") {
  if (!has_postgres()) return;
  const Ground ground;
  CHECK(ground.make("first") == "made");
  REQUIRE(ground.kept().size() == 1);
  const Path kept = ground.templates / ground.kept().front();
  const auto written = std::filesystem::last_write_time(kept / "PG_VERSION");
  CHECK(ground.make("second") == "made");
  CHECK(ground.kept().size() == 1);
  CHECK(std::filesystem::last_write_time(kept / "PG_VERSION") == written);
  CHECK(ground.has_cluster("first"));
  CHECK(ground.has_cluster("second"));
  CHECK(sh("diff -r " + (ground.folder / "first").string() + " " +
           (ground.folder / "second").string())
            .empty());
}

TEST_CASE("what an interrupted initdb left is no template, and goes") {
  if (!has_postgres()) return;
  const Ground ground;
  REQUIRE(ground.as_user([&](const PgBinaries&) {
    std::filesystem::create_directories(ground.templates / "making-dead/data/base");
    return std::string("left");
  }) == "left");
  CHECK(ground.make("cluster") == "made");
  CHECK(ground.has_cluster("cluster"));
  REQUIRE(ground.kept().size() == 1);
  CHECK_FALSE(ground.kept().front().starts_with("making-"));
}

TEST_CASE("a template in the making that somebody holds is left alone") {
  if (!has_postgres()) return;
  const Ground ground;
  REQUIRE(ground.as_user([&](const PgBinaries&) {
    std::filesystem::create_directories(ground.templates / "making-other");
    return std::string("left");
  }) == "left");
  const Fd held(open((ground.templates / "making-other").c_str(), O_RDONLY | O_DIRECTORY));
  REQUIRE(flock(held.get(), LOCK_EX | LOCK_NB) == 0);
  CHECK(ground.make("cluster") == "made");
  CHECK(ground.kept().size() == 2);
}

TEST_CASE("two processes that make the same template at once both get their cluster") {
  if (!has_postgres()) return;
  const Ground ground;
  const std::string both = ground.as_user([&](const PgBinaries& binaries) -> std::string {
    const pid_t other = fork();
    const auto made =
        make_pg_cluster(binaries, ground.templates, ground.folder / (other == 0 ? "a" : "b"));
    if (other == 0) _exit(made ? 0 : 1);
    int status = 0;
    waitpid(other, &status, 0);
    return (made ? "made" : made.error().str()) + (status == 0 ? ", made" : ", failed");
  });
  CHECK(both == "made, made");
  CHECK(ground.has_cluster("a"));
  CHECK(ground.has_cluster("b"));
  CHECK(ground.kept().size() == 1);
}

TEST_CASE("a folder of templates that others may enter is not used") {
  if (!has_postgres()) return;
  const Ground ground;
  std::filesystem::permissions(ground.templates, std::filesystem::perms{0755});
  CHECK(ground.make("cluster") == "made");
  CHECK(ground.has_cluster("cluster"));
  CHECK(ground.kept().empty());
}

TEST_CASE("a template whose mode was changed is not used") {
  if (!has_postgres()) return;
  const Ground ground;
  CHECK(ground.make("first") == "made");
  std::filesystem::permissions(ground.templates / ground.kept().at(0),
                               std::filesystem::perms{0777});
  CHECK(ground.make("second") == "made");
  CHECK(ground.has_cluster("second"));
}

TEST_CASE("a tree with a link in it is not copied") {
  const Folder folder;
  folder.write("from/file", "content");
  std::filesystem::create_symlink("/etc/passwd", folder / "from/link");
  const auto copied = copy_tree(folder / "from", folder / "to");
  REQUIRE_FALSE(copied);
  CHECK(has(copied.error().text, "is neither a file nor a folder"));
}
