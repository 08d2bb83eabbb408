// SPDX-License-Identifier: Apache-2.0
#include "runner/arrival_watch.h"

#include <semaphore>

#include "support/support.h"

using namespace backproof;
using namespace std::chrono_literals;

namespace {

// Who was told of, in the order of telling.
struct Told {
  std::mutex mutex;
  std::vector<std::string> names;  // guarded by mutex
  std::counting_semaphore<> more{0};
  std::size_t seen = 0;
  ArrivalWatch watch{[this](const std::string& target) {
    const std::lock_guard lock(mutex);
    names.push_back(target);
    more.release();
  }};
  std::string next() {
    REQUIRE(more.try_acquire_for(60s));
    const std::lock_guard lock(mutex);
    return names.at(seen++);
  }
};

}  // namespace

TEST_CASE("a file that is written, renamed or linked into a folder is noticed") {
  test::Folder folder;
  std::filesystem::create_directories(folder / "a");
  Told told;
  CHECK(told.watch.follow("crm", folder / "a"));
  CHECK_FALSE(told.watch.follow("crm", folder / "a"));
  folder.write("a/written.db", "x");
  CHECK(told.next() == "crm");
  folder.write("elsewhere.db", "x");
  std::filesystem::rename(folder / "elsewhere.db", folder / "a/renamed.db");
  CHECK(told.next() == "crm");
  std::filesystem::create_hard_link(folder / "a/renamed.db", folder / "a/linked.db");
  CHECK(told.next() == "crm");
}

TEST_CASE("targets of one folder are both told, and nobody of a folder that is followed no more") {
  test::Folder folder;
  for (const char* name : {"a", "b"}) std::filesystem::create_directories(folder / name);
  Told told;
  CHECK(told.watch.follow("one", folder / "a"));
  CHECK(told.watch.follow("two", folder / "a"));
  CHECK_FALSE(told.watch.follow("gone", folder / "missing"));
  folder.write("a/x.db", "x");
  std::set<std::string> names{told.next()};
  while (names.size() < 2) names.insert(told.next());
  CHECK(names == std::set<std::string>{"one", "two"});
  // One goes to another folder, the other one goes away.
  CHECK(told.watch.follow("one", folder / "b"));
  told.watch.keep({"one", "gone"});
  folder.write("a/y.db", "x");
  folder.write("b/x.db", "x");
  CHECK(told.next() == "one");
  const std::lock_guard lock(told.mutex);
  CHECK(std::ranges::count(told.names, "two") == 1);
}

TEST_CASE("a folder that appears later is noticed when it is told of again") {
  test::Folder folder;
  Told told;
  CHECK_FALSE(told.watch.follow("crm", folder / "a"));
  std::filesystem::create_directories(folder / "a");
  CHECK(told.watch.follow("crm", folder / "a"));
  folder.write("a/x.db", "x");
  CHECK(told.next() == "crm");
}

TEST_CASE("a folder that was replaced by another one is watched anew") {
  test::Folder folder;
  std::filesystem::create_directories(folder / "a");
  Told told;
  CHECK(told.watch.follow("crm", folder / "a"));
  std::filesystem::rename(folder / "a", folder / "old");
  std::filesystem::create_directories(folder / "a");
  CHECK(told.watch.follow("crm", folder / "a"));
  folder.write("a/x.db", "x");
  CHECK(told.next() == "crm");
}
