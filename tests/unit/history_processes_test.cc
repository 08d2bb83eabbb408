// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <vector>

#include "history_runs.h"

// What other processes, kill -9 and a full disk do to a history. The children are real ones: they
// leave by _exit() with a number instead of by Catch.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

constexpr int not_possible_here = 77;

pid_t child(const std::function<int()>& work) {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid == 0) _exit(work());
  return pid;
}

int exit_code(pid_t pid) {
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

// Runs `work` on a store in a child, and kills the child once that is done.
void killed_after(const Path& file, const std::function<bool(HistoryStore&)>& work) {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t pid = child([&] {
    const auto store = HistoryStore::open(file);
    const char done = store && work(**store) ? 'y' : 'n';
    if (write(pipe_ends[1], &done, 1) != 1) return 1;
    pause();
    return 0;
  });
  close(pipe_ends[1]);
  char done = 0;
  CHECK(read(pipe_ends[0], &done, 1) == 1);
  close(pipe_ends[0]);
  CHECK(done == 'y');
  REQUIRE(kill(pid, SIGKILL) == 0);
  REQUIRE(waitpid(pid, nullptr, 0) == pid);
}

}  // namespace

TEST_CASE("a run whose process was killed between begin and finish becomes interrupted") {
  const Folder folder;
  const Path file = folder / "history.db";
  const Run run = run_at(start);
  killed_after(file, [&](HistoryStore& store) { return store.begin(run).has_value(); });

  const auto store = history_at(file);
  REQUIRE(store->list({})->size() == 1);
  CHECK_FALSE(store->list({})->front().finished);
  CHECK(*store->recover(start + 1h) == 1);
  const auto found = store->find(run.id);
  REQUIRE(*found);
  CHECK((*found)->finished);
  CHECK((*found)->verdict == Verdict::inconclusive);
  CHECK((*found)->cause == Cause::interrupted);
  CHECK((*found)->reason.find("ended before the run did") != std::string::npos);
  CHECK((*found)->started == start);
  const auto known = store->history_of("crm");
  CHECK(known->totals.runs == 1);
  CHECK(known->totals.failures.at(Cause::interrupted) == 1);
  CHECK(known->consecutive_failures == 1);

  CHECK(*store->recover(start + 2h) == 0);
}

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

TEST_CASE("runs of living processes are left alone, this one's and another's") {
  const Folder folder;
  const Path file = folder / "history.db";
  const auto store = history_at(file);
  REQUIRE(store->begin(run_at(start)));
  std::array<int, 2> begun{}, done{};
  REQUIRE(pipe(begun.data()) == 0);
  REQUIRE(pipe(done.data()) == 0);
  const pid_t pid = child([&] {
    close(done[1]);
    const auto own = HistoryStore::open(file);
    const Run run = passed_at(start + 1h);
    char byte = own && (*own)->begin(run) ? 'y' : 'n';
    if (write(begun[1], &byte, 1) != 1) return 1;
    if (read(done[0], &byte, 1) != 0) return 2;
    return (*own)->finish(run) ? 0 : 3;
  });
  close(done[0]);
  char byte = 0;
  CHECK(read(begun[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  CHECK(*store->recover(start + 2h) == 0);
  close(done[1]);
  CHECK(exit_code(pid) == 0);
  close(begun[0]);
  close(begun[1]);
  CHECK(store->history_of("crm")->totals.runs == 1);
  CHECK(*store->recover(start + 2h) == 0);
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
    std::array<int, 2> gate{};
    REQUIRE(pipe(gate.data()) == 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 6; ++i)
      children.push_back(child([&] {
        close(gate[1]);
        char byte = 0;
        if (read(gate[0], &byte, 1) != 0) return 1;
        const auto store = HistoryStore::open(file);
        return store && (*store)->misfire("crm", "overlap") ? 0 : 2;
      }));
    close(gate[0]);
    close(gate[1]);
    for (const pid_t pid : children) CHECK(exit_code(pid) == 0);
    CHECK(history_at(file)->history_of("crm")->totals.misfires.at("overlap") == 6);
  }
}

TEST_CASE("a full disk is an error of cause space, and afterwards the store goes on") {
  const Folder folder;
  const pid_t pid = child([&] {
    const int spaces = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (unshare(spaces) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount("none", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0)
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
    const int spaces = CLONE_NEWNS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (unshare(spaces) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      return not_possible_here;
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
