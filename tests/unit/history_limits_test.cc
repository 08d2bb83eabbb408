// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "history/schema.h"
#include "history_children.h"
#include "history_damage.h"
#include "unit/runner_scheduler_bench.h"

// What a history does where something has run out: room, inodes, descriptors, the right to write.
using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

// Fills the file system until not a byte more fits.
bool fill(const Path& file) {
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const std::string block(4096, 'x');
  while (::write(fd.get(), block.data(), block.size()) > 0) {
  }
  return errno == ENOSPC;
}

// A small file system of a child's own at `folder`.
bool mounted(const Path& folder, const char* options) {
  return own_mounts() && mount("none", folder.c_str(), "tmpfs", 0, options) == 0;
}

// What a child found out; where it could not be tried that is said.
void check_child(int code) {
  if (code == not_possible_here)
    WARN("SKIPPED: this user may not mount a file system of its own");
  else
    CHECK(code == 0);
}

// Throwing out of a child would go on with the test in it.
template <typename Work>
int guarded_child(const Work& work) {
  return exit_code(child([&] {
    try {
      return work();
    } catch (...) {
      return 99;
    }
  }));
}

}  // namespace

TEST_CASE("runs that end while the disk is full are kept, and recorded once when there is room") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=4m,mode=711")) return not_possible_here;
    setenv("TMPDIR", folder.path().c_str(), 1);
    Bench bench("2026-11-23T12:00:00Z");
    std::binary_semaphore go{0};
    bench.act = [&](Run& run, const std::stop_token&) {
      go.acquire();
      run.log.assign(500, {run.started, std::string(200, 'x')});
    };
    bench.folder.write("a/x.db", "x");
    bench.folder.write("b/x.db", "x");
    bench.configure({bench.target("a")});
    bench.scheduler->start();
    bench.begun.acquire();
    if (!fill(folder / "filler")) return 1;
    go.release();
    until([&] { return !bench.state("a").queued && !bench.snapshot->history_up; });
    if (bench.state("a").history.totals.runs != 0) return 2;
    bench.scheduler->tick();
    if (bench.state("a").history.totals.runs != 0 || bench.snapshot->history_up) return 3;
    std::filesystem::remove(folder / "filler");
    bench.clock.advance(1s);
    bench.scheduler->tick();
    until([&] { return bench.state("a").history.totals.runs == 1 && bench.snapshot->history_up; });
    bench.scheduler->tick();
    if (bench.state("a").history.totals.runs != 1) return 4;
    CHECK(bench.scheduler->stop());
    const auto runs = bench.history->list({});
    return runs && runs->size() == 1 && runs->front().finished ? 0 : 5;
  }));
}

TEST_CASE("a run that is due while the disk is full waits, and runs when there is room") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=4m,mode=711")) return not_possible_here;
    setenv("TMPDIR", folder.path().c_str(), 1);
    Bench bench("2026-11-23T12:00:00Z");
    bench.folder.write("a/x.db", "x");
    bench.configure({bench.target("a")});
    if (!fill(folder / "filler")) return 1;
    // A page that its log has room for is not yet too much.
    for (int i = 0; i < 100 && bench.history->probe(); ++i) {
    }
    bench.scheduler->start();
    until([&] { return bench.state("a").queued && !bench.snapshot->history_up; });
    if (bench.state("a").history.totals.runs != 0 || jobs_of(bench) != 0) return 2;
    std::filesystem::remove(folder / "filler");
    until([&] { return bench.state("a").history.totals.runs == 1 && bench.snapshot->history_up; });
    CHECK(bench.scheduler->stop());
    return jobs_of(bench) == 1 ? 0 : 3;
  }));
}

TEST_CASE("counters never fall while a disk fills up and empties again and again") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=2m,mode=711")) return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    if (!store) return 1;
    std::uint64_t recorded = 0, refused = 0, before = 0;
    for (int i = 0; i < 200; ++i) {
      if (i % 20 == 10 && !fill(folder / "filler")) return 2;
      if (i % 20 == 0) std::filesystem::remove(folder / "filler");
      Run run = passed_at(start + i * 1min);
      run.log.assign(20, {run.started, std::string(100, 'x')});
      if ((*store)->finish(run))
        ++recorded;
      else
        ++refused;
      const auto known = (*store)->history_of("crm");
      if (!known || known->totals.runs != recorded || known->totals.runs < before) return 3;
      before = known->totals.runs;
    }
    return recorded > 0 && refused > 0 ? 0 : 4;
  }));
}

TEST_CASE("without an inode no run begins, and one begins when there is one again") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=4m,nr_inodes=12,mode=711")) return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    if (!store) return 1;
    std::vector<Path> files;
    while (true) {
      files.push_back(folder / ("f" + std::to_string(files.size())));
      if (!Fd(::open(files.back().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600))) break;
    }
    const Result<void> refused = (*store)->begin(run_at(start));
    if (refused || refused.error().hint.empty() || (*store)->probe()) return 2;
    // What was begun before, or never was, is recorded all the same: that takes no inode.
    if (!(*store)->finish(passed_at(start))) return 3;
    for (const Path& file : files) std::filesystem::remove(file);
    return (*store)->begin(run_at(start + 1h)) && (*store)->probe() ? 0 : 4;
  }));
}

TEST_CASE("a history that cannot be made for want of an inode is an error of cause space") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=4m,nr_inodes=1,mode=711")) return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    return !store && store.error().cause == Cause::space && !store.error().hint.empty() ? 0 : 1;
  }));
}

TEST_CASE("without a descriptor a history is an error that says so, and works when there is one") {
  const Folder folder;
  CHECK(guarded_child([&] {
          const auto open = HistoryStore::open(folder / "history.db");
          if (!open || !(*open)->begin(run_at(start))) return 1;
          rlimit limit{};
          if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 2;
          const int lowest = dup(0);
          close(lowest);
          const rlimit none{static_cast<rlim_t>(lowest), limit.rlim_max};
          if (setrlimit(RLIMIT_NOFILE, &none) != 0) return 2;
          // An open one has all that it needs.
          if (!(*open)->finish(passed_at(start)) || !(*open)->probe()) return 3;
          const auto another = HistoryStore::open(folder / "another.db");
          const auto again = HistoryStore::open(folder / "history.db");
          if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 2;
          for (const auto* refused : {&another, &again})
            if (*refused || refused->error().cause != Cause::internal ||
                refused->error().hint.empty())
              return 4;
          if (another.error().text.find("Too many open files") == std::string::npos) return 5;
          return HistoryStore::open(folder / "history.db") ? 0 : 6;
        }) == 0);
}

TEST_CASE("a history on a file system that is read-only is refused when it is opened") {
  const Folder folder;
  check_child(guarded_child([&] {
    if (!mounted(folder.path(), "size=4m,mode=711")) return not_possible_here;
    {
      const auto store = HistoryStore::open(folder / "history.db");
      if (!store || !(*store)->finish(passed_at(start))) return 1;
    }
    if (mount("none", folder.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) != 0)
      return not_possible_here;
    const auto store = HistoryStore::open(folder / "history.db");
    if (store || store.error().text.find("Read-only file system") == std::string::npos ||
        store.error().hint.empty())
      return 2;
    return 0;
  }));
}

TEST_CASE(
    "a history that is damaged while it serves is not up, and no counter falls because of it") {
  Bench bench("2026-11-23T12:00:00Z");
  const Path file = bench.folder / "history.sqlite";
  // More than SQLite keeps in memory: what it has there it does not read again.
  for (int i = 0; i < 40; ++i) {
    Run run = passed_at(at("2026-11-22T12:00:00Z") + i * 1min, "a");
    run.log.assign(1000, {run.started, std::string(200, 'x')});
    REQUIRE(bench.history->finish(run));
  }
  bench.configure({bench.target("a")});
  bench.scheduler->tick();
  REQUIRE(bench.state("a").history.totals.runs == 40);
  REQUIRE(bench.snapshot->history_up);
  {
    auto other = sqlite::Connection::open(file.native());
    REQUIRE(other->run("PRAGMA user_version = " + std::to_string(history::schema_version())));
    REQUIRE(other->integer("PRAGMA wal_checkpoint(TRUNCATE)").value() == 0);
  }
  const std::string noise = with_noise(read_file(file, 64U << 20U).value(), history_page, SIZE_MAX);
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  REQUIRE(::pwrite(fd.get(), noise.data(), noise.size(), 0) == static_cast<ssize_t>(noise.size()));
  bench.scheduler->tick();
  CHECK(bench.state("a").history.totals.runs == 40);
  CHECK_FALSE(bench.snapshot->history_up);
  CHECK(bench.snapshot->history_errors > 0);
}

TEST_CASE("a history that is damaged while it is open is an error, never a history without runs") {
  const Folder folder;
  const Path file = folder / "history.db";
  {
    // More than SQLite keeps in memory: what it has there it does not read again.
    const auto store = history_at(file);
    for (int i = 0; i < 40; ++i) {
      Run run = passed_at(start + i * 1h);
      run.log.assign(1000, {run.started, std::string(200, 'x')});
      REQUIRE(store->finish(run));
    }
  }
  const auto store = history_at(file);
  const std::string whole = read_file(file, 64U << 20U).value();
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
  const std::string noise = with_noise(whole, history_page, whole.size());
  REQUIRE(::pwrite(fd.get(), noise.data(), noise.size(), 0) == static_cast<ssize_t>(noise.size()));
  const auto known = store->history_of("crm");
  REQUIRE_FALSE(known);
  INFO(known.error().str());
  CHECK(known.error().cause == Cause::internal);
  CHECK(known.error().text.find("history is damaged") != std::string::npos);
  CHECK(known.error().hint.find("backproof history repair") != std::string::npos);
}
