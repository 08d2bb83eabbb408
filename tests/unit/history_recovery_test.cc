// SPDX-License-Identifier: Apache-2.0
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <numeric>
#include <vector>

#include "history_children.h"

// Whose runs are taken for interrupted, and whose are not.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// From here on flock(2) fails in this process as on a file system that has no locks.
bool lose_locks() {
  std::array<sock_filter, 4> code{{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOLCK),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  }};
  const sock_fprog program{code.size(), code.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
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

TEST_CASE(
    "a run of a container that was killed becomes interrupted, one of a living one does not") {
  const Folder folder;
  const Path file = folder / "history.db";
  const Run run = run_at(start);
  std::array<int, 2> begun{}, kill_it{};
  REQUIRE(pipe(begun.data()) == 0);
  REQUIRE(pipe(kill_it.data()) == 0);
  const pid_t pid = child([&] {
    close(kill_it[1]);
    if (unshare(CLONE_NEWPID | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) != 0) return not_possible_here;
    const pid_t first = fork();  // number 1 of its PID namespace, as every container has one
    if (first == 0) {
      const auto store = HistoryStore::open(file);
      const bool works = getpid() == 1 && store && (*store)->begin(run);
      const char byte = works ? 'y' : 'n';
      if (write(begun[1], &byte, 1) == 1) pause();
      _exit(1);
    }
    char byte = 0;
    const bool told = first > 0 && read(kill_it[0], &byte, 1) == 0;
    return told && kill(first, SIGKILL) == 0 && waitpid(first, nullptr, 0) == first ? 0 : 1;
  });
  close(kill_it[0]);
  close(begun[1]);
  const auto store = history_at(file);
  char byte = 0;
  if (read(begun[0], &byte, 1) == 1) {
    CHECK(byte == 'y');
    CHECK(*store->recover(start + 1h) == 0);
    CHECK_FALSE((*store->find(run.id))->finished);
  }
  close(kill_it[1]);
  close(begun[0]);
  if (exit_code(pid) == not_possible_here) {
    WARN("SKIPPED: this user may not make a PID namespace, so nothing was killed in one");
    return;
  }
  CHECK(byte == 'y');
  CHECK(*store->recover(start + 2h) == 1);
  CHECK((*store->find(run.id))->cause == Cause::interrupted);
  CHECK(std::filesystem::is_empty(folder / "history.db-owners"));
}

TEST_CASE(
    "a killed process leaves a file that the next one removes, and a closed one leaves none") {
  const Folder folder;
  const Path file = folder / "history.db", owners = folder / "history.db-owners";
  const Run run = passed_at(start);
  killed_after(file, [&](HistoryStore& store) {
    return store.begin(run).has_value() && store.finish(run).has_value();
  });
  CHECK_FALSE(std::filesystem::is_empty(owners));
  {
    const auto store = history_at(file);
    REQUIRE(store->begin(run_at(start + 1h)));
    CHECK(*store->recover(start + 1h) == 0);
    CHECK(std::distance(std::filesystem::directory_iterator(owners), {}) == 1);
  }
  CHECK(std::filesystem::is_empty(owners));
}

TEST_CASE("who only asks a history takes no lock and removes none") {
  const Folder folder;
  const Path file = folder / "history.db";
  REQUIRE(history_at(file)->finish(passed_at(start)));
  killed_after(file, [](HistoryStore& store) { return store.begin(run_at(start)).has_value(); });
  const auto owners = [&] { return sh("ls -i " + (folder / "history.db-owners").native()); };
  const std::string before = owners();
  CHECK(before.find(".lock") != std::string::npos);
  const auto store = history_at(file);
  CHECK(store->list({})->size() == 2);
  CHECK(store->history_of("crm"));
  CHECK(store->version());
  CHECK(owners() == before);
}

TEST_CASE("processes that recover at once close every run of a dead one, and each once") {
  const Folder folder;
  const Path file = folder / "history.db";
  for (std::uint64_t round = 1; round <= 10; ++round) {
    killed_after(file, [](HistoryStore& store) {
      for (int i = 0; i < 3; ++i)
        if (!store.begin(run_at(start))) return false;
      return true;
    });
    const auto codes = at_once(6, [&](const auto& start_together) {
      const auto store = HistoryStore::open(file);
      if (!store || !start_together()) return 10;
      const auto closed = (*store)->recover(start + 1h);
      const Run run = passed_at(start + 1h);
      if (!closed || !(*store)->begin(run) || !(*store)->finish(run)) return 11;
      return static_cast<int>(*closed);
    });
    const int closed = std::accumulate(codes.begin(), codes.end(), 0);
    CHECK(closed == 3);
    const Totals totals = history_at(file)->history_of("crm")->totals;
    CHECK(totals.failures.at(Cause::interrupted) == 3 * round);
    CHECK(totals.runs == 9 * round);
  }
}

TEST_CASE("a store whose lock was removed takes another one for the next run") {
  const Folder folder;
  const Path file = folder / "history.db";
  const auto store = history_at(file), other = history_at(file);
  REQUIRE(store->begin(run_at(start)));
  std::filesystem::remove_all(folder / "history.db-owners");
  const Run run = run_at(start + 1h);
  REQUIRE(store->begin(run));
  // The first one looks as if its process were gone, the second one does not.
  CHECK(*other->recover(start + 1h) == 1);
  CHECK_FALSE((*other->find(run.id))->finished);
  REQUIRE(store->finish(run));
}

TEST_CASE("a history that is reached by a link has the owners of the real file") {
  const Folder folder;
  std::filesystem::create_directory(folder / "links");
  const auto store = history_at(folder / "history.db");
  std::filesystem::create_symlink(folder / "history.db", folder / "links" / "history.db");
  REQUIRE(store->begin(run_at(start)));
  CHECK(*history_at(folder / "links" / "history.db")->recover(start + 1h) == 0);
}

TEST_CASE("a run cannot begin where no owner can be made, and a probe says so, too") {
  const Folder folder;
  const auto store = history_at(folder / "history.db");
  folder.write("history.db-owners", "a file");
  for (const auto& answer : {store->begin(run_at(start)), store->probe()}) {
    REQUIRE_FALSE(answer);
    CHECK(answer.error().cause == Cause::internal);
    CHECK(answer.error().text.find("Not a directory") != std::string::npos);
    CHECK_FALSE(answer.error().hint.empty());
  }
  CHECK(store->list({})->empty());
  std::filesystem::remove(folder / "history.db-owners");
  CHECK(store->probe());
  CHECK(store->begin(run_at(start)));
}

TEST_CASE("on a file system without locks no run begins, none is closed, and the reason is said") {
  const Folder folder;
  const Path file = folder / "history.db";
  killed_after(file, [](HistoryStore& store) { return store.begin(run_at(start)).has_value(); });
  const pid_t pid = child([&] {
    const auto store = HistoryStore::open(file);
    if (!store || !lose_locks()) return 1;
    const auto begun = (*store)->begin(run_at(start + 1h));
    if (begun || begun.error().text.find("No locks available") == std::string::npos) return 2;
    if (begun.error().hint.find("local file system") == std::string::npos) return 3;
    if ((*store)->probe()) return 4;
    const auto closed = (*store)->recover(start + 1h);
    return closed && *closed == 0 && (*store)->list({})->size() == 1 ? 0 : 5;
  });
  CHECK(exit_code(pid) == 0);
  // The dead one's file is all that there is.
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "history.db-owners"), {}) == 1);
  CHECK(*history_at(file)->recover(start + 2h) == 1);
}
