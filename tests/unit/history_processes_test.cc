// SPDX-License-Identifier: Apache-2.0
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "history_children.h"

// What other processes, kill -9 and a full disk do to a history.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

TEST_CASE("what was finished before kill -9 stays finished") {
  const Folder folder;
  const Path file = folder / "history.db";
  const Run run = passed_at(start);
  killed_after(file, [&](HistoryStore& store) {
    return store.begin(run).has_value() && store.finish(run).has_value();
  });
  const auto store = history_at(file);
  CHECK(*store->recover(start + 1h) == 0);
  CHECK((*store->find(run.id))->verdict == Verdict::passed);
  CHECK(store->history_of("crm")->totals.runs == 1);
}

TEST_CASE("two processes that write at once lose nothing") {
  const Folder folder;
  const Path file = folder / "history.db";
  const auto work = [&](TimePoint first) {
    const auto store = HistoryStore::open(file);
    if (!store) return 1;
    for (int i = 0; i < 50; ++i) {
      const Run run = passed_at(first + i * 1min);
      if (!(*store)->begin(run) || !(*store)->finish(run)) return 2;
    }
    return 0;
  };
  const pid_t one = child([&] { return work(start); });
  const pid_t two = child([&] { return work(start + 100h); });
  CHECK(exit_code(one) == 0);
  CHECK(exit_code(two) == 0);
  CHECK(history_at(file)->history_of("crm")->totals.runs == 100);
}

TEST_CASE("processes that open a missing history at once all succeed") {
  const Folder folder;
  for (int round = 0; round < 10; ++round) {
    const Path file = folder / ("history-" + std::to_string(round) + ".db");
    const auto codes = at_once(6, [&](const auto& start_together) {
      if (!start_together()) return 1;
      const auto store = HistoryStore::open(file);
      return store && (*store)->misfire("crm", "overlap") ? 0 : 2;
    });
    for (const int code : codes) CHECK(code == 0);
    CHECK(history_at(file)->history_of("crm")->totals.misfires.at("overlap") == 6);
  }
}

TEST_CASE("a full disk is an error of cause space, and afterwards the store goes on") {
  const Folder folder;
  const pid_t pid = child([&] {
    if (!own_mounts() || mount("none", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0)
      return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    if (!store) return 1;
    folder.write("filler", std::string(300'000, 'x'));
    Run run;
    std::uint64_t finished = 0;
    Result<void> answer;
    while (finished < 1000) {
      run = passed_at(start + finished * 1min);
      run.log.assign(100, {start, std::string(100, 'x')});
      answer = (*store)->finish(run);
      if (!answer) break;
      ++finished;
    }
    if (answer || answer.error().cause != Cause::space || answer.error().hint.empty()) return 2;
    if ((*store)->history_of("crm")->totals.runs != finished) return 3;
    std::filesystem::remove(folder / "filler");
    if (!(*store)->finish(run)) return 4;
    if ((*store)->history_of("crm")->totals.runs != finished + 1) return 5;
    return (*store)->find(run.id)->has_value() ? 0 : 6;
  });
  const int code = exit_code(pid);
  if (code == not_possible_here)
    WARN("SKIPPED: this user may not mount a small tmpfs, so no disk could be filled");
  else
    CHECK(code == 0);
}

TEST_CASE("a history that cannot be made on a full disk is an error of cause space") {
  const Folder folder;
  const pid_t pid = child([&] {
    if (!own_mounts()) return not_possible_here;
    // Each size runs out of room at another step of making the file.
    for (const char* size : {"size=4k", "size=8k", "size=16k", "size=32k", "size=48k"}) {
      if (mount("none", folder.path().c_str(), "tmpfs", 0, size) != 0) return not_possible_here;
      const auto store = HistoryStore::open(folder / "history.db");
      if (store || store.error().cause != Cause::space) return 1;
    }
    return 0;
  });
  const int code = exit_code(pid);
  if (code == not_possible_here)
    WARN("SKIPPED: this user may not mount a small tmpfs, so no disk could be filled");
  else
    CHECK(code == 0);
}

TEST_CASE("a read-only history is refused when it is opened, not when it is needed") {
  const Folder folder;
  const Path file = folder / "history.db";
  REQUIRE(history_at(file)->finish(passed_at(start)));
  REQUIRE(chmod(file.c_str(), 0444) == 0);
  REQUIRE(chmod(folder.path().c_str(), 0755) == 0);
  const pid_t pid = child([&] {
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return not_possible_here;
    const auto store = HistoryStore::open(file);
    if (store) return 1;
    return store.error().text.find("cannot be written: Permission denied") != std::string::npos &&
                   !store.error().hint.empty()
               ? 0
               : 2;
  });
  CHECK(exit_code(pid) == 0);
}
