// SPDX-License-Identifier: Apache-2.0
#include "history/owner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "base/process.h"
#include "support/support.h"

using namespace backproof;
using namespace backproof::test;
using history::Owner;

namespace {

// A folder with a file in which a history could be.
class House {
 public:
  House() : history_(folder_.write("history.db", "")) {}
  const Folder& folder() const { return folder_; }
  const Path& history() const { return history_; }
  Path owners() const { return folder_ / "history.db-owners"; }
  Path file_of(const std::string& id) const { return owners() / (id + ".lock"); }
  std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(owners()), {});
  }
  // What a killed process leaves.
  std::string dead() const {
    std::string id(32, 'd');
    folder_.write("history.db-owners/" + id + ".lock", "");
    return id;
  }

 private:
  Folder folder_;
  Path history_;
};

mode_t mode_of(const Path& path) {
  struct stat st {};
  REQUIRE(::stat(path.c_str(), &st) == 0);
  return st.st_mode & 07777;
}

}  // namespace

TEST_CASE("an owner is alive until it is gone, and then leaves nothing") {
  const House house;
  std::string id;
  {
    const auto owner = Owner::claim(house.history());
    REQUIRE(owner);
    id = owner->id();
    CHECK(owner->is_seen());
    CHECK(history::is_alive(house.history(), id));
    CHECK(history::is_alive(house.history(), id));
    CHECK(mode_of(house.file_of(id)) == 0600);
    CHECK(mode_of(house.owners()) == 0700);
  }
  CHECK_FALSE(history::is_alive(house.history(), id));
  CHECK(house.files() == 0);
}

TEST_CASE("two owners of one process are two, and no name is used twice") {
  const House house;
  auto one = Owner::claim(house.history());
  const auto two = Owner::claim(house.history());
  REQUIRE(one);
  REQUIRE(two);
  const std::string id = one->id();
  CHECK(id.size() == 32);
  CHECK(id != two->id());
  *one = *Owner::claim(house.history());
  CHECK(one->id() != id);
  CHECK(house.files() == 2);
  CHECK_FALSE(history::is_alive(house.history(), id));
  CHECK(history::is_alive(house.history(), one->id()));
  CHECK(history::is_alive(house.history(), two->id()));
}

TEST_CASE("an owner whose file nobody holds is gone, and so is its file afterwards") {
  const House house;
  const std::string id = house.dead();
  CHECK_FALSE(history::is_alive(house.history(), id));
  CHECK(house.files() == 0);
}

TEST_CASE("where there are no owners nobody is alive, and nothing is made by asking") {
  const House house;
  CHECK_FALSE(history::is_alive(house.history(), std::string(32, 'd')));
  history::sweep_owners(house.history());
  CHECK_FALSE(std::filesystem::exists(house.owners()));
}

TEST_CASE("an id that is none leads to no other file") {
  const House house;
  house.dead();
  const Path other = house.folder().write("other.lock", "");
  const Path odd = house.folder().write("history.db-owners/odd.lock", "");
  for (const std::string& id :
       {std::string("../other"), std::string(""), std::string("odd"), std::string(32, 'D'),
        "../" + std::string(29, 'd'), std::string(31, 'd') + '\0'})
    CHECK_FALSE(history::is_alive(house.history(), id));
  CHECK(std::filesystem::exists(other));
  CHECK(std::filesystem::exists(odd));
  CHECK(house.files() == 2);
}

TEST_CASE("sweeping removes the files of the dead and no other") {
  const House house;
  const auto owner = Owner::claim(house.history());
  REQUIRE(owner);
  house.dead();
  house.folder().write("history.db-owners/notes.txt", "");
  history::sweep_owners(house.history());
  CHECK(house.files() == 2);
  CHECK(owner->is_seen());
  CHECK(std::filesystem::exists(house.owners() / "notes.txt"));
}

TEST_CASE("an owner whose file this user may not open is alive, because nobody can tell") {
  const House house;
  const std::string id = house.dead();
  REQUIRE(chmod(house.file_of(id).c_str(), 0) == 0);
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    _exit(history::is_alive(house.history(), id) ? 0 : 1);
  }
  int status = -1;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  CHECK(status == 0);
  CHECK(house.files() == 1);
}

TEST_CASE("a link in the place of a file is not followed") {
  const House house;
  const std::string id(32, 'e');
  const Path other = house.folder().write("other", "");
  std::filesystem::create_directory(house.owners());
  std::filesystem::create_symlink(other, house.file_of(id));
  CHECK(history::is_alive(house.history(), id));
  CHECK(std::filesystem::exists(other));
}

TEST_CASE("an owner whose file was removed or replaced is not seen") {
  const House house;
  const auto owner = Owner::claim(house.history());
  REQUIRE(owner);
  const Path file = house.file_of(owner->id());
  std::filesystem::remove(file);
  CHECK_FALSE(owner->is_seen());
  house.folder().write("history.db-owners/" + owner->id() + ".lock", "");
  CHECK_FALSE(owner->is_seen());
}

TEST_CASE("a file is never swept between being made and being locked for good") {
  const House house;
  std::filesystem::create_directory(house.owners());
  std::jthread sweeper([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) history::sweep_owners(house.history());
  });
  for (int i = 0; i < 2000; ++i) {
    const auto owner = Owner::claim(house.history());
    REQUIRE(owner);
    CHECK(owner->is_seen());
  }
}

TEST_CASE("a program that is started does not inherit an owner's lock") {
  const House house;
  const auto owner = Owner::claim(house.history());
  REQUIRE(owner);
  CHECK(sh("ls -l /proc/self/fd").find("-owners") == std::string::npos);
  CHECK(sh("ls -l /proc/" + std::to_string(getpid()) + "/fd").find("-owners") != std::string::npos);
}

TEST_CASE("an owner that cannot be made is an error with a hint") {
  const Folder folder;
  const auto nowhere = Owner::claim(folder / "missing" / "history.db");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().text.find("history.db-owners: No such file") != std::string::npos);
  CHECK_FALSE(nowhere.error().hint.empty());
  const House house;
  house.folder().write("history.db-owners", "a file");
  const auto no_folder = Owner::claim(house.history());
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().text.find(".lock: Not a directory") != std::string::npos);
}

TEST_CASE("what root makes belongs to the owner of the history") {
  if (geteuid() != 0) return;
  const House house;
  REQUIRE(chown(house.history().c_str(), 1234, 1234) == 0);
  const auto owner = Owner::claim(house.history());
  REQUIRE(owner);
  for (const Path& made : {house.owners(), house.file_of(owner->id())}) {
    struct stat st {};
    REQUIRE(::stat(made.c_str(), &st) == 0);
    CHECK(st.st_uid == 1234);
    CHECK(st.st_gid == 1234);
  }
}
