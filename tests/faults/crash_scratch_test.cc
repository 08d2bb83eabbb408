// SPDX-License-Identifier: Apache-2.0
// What a verification does where something has run out: room, inodes, descriptors.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/proc.h"
#include "exporter/control.h"
#include "runner/plan.h"
#include "runner/worker.h"
#include "support/crash_site.h"
#include "support/pg_damage.h"
#include "support/server.h"

using namespace backproof;
using namespace backproof::test;
using namespace std::chrono_literals;

namespace {

Job job_of(const Path& backup) {
  Job job;
  job.target.name = "tight";
  job.target.checks = default_checks();
  job.backup = backup;
  return job;
}

Run run_of(const Job& job, const Path& scratch, const Path& program = BACKPROOF_PROGRAM,
           const RunEvents& events = {}) {
  return run_in_worker(job, program, scratch, system_clock(), {}, events);
}

// True, after saying so, where this process can have no mounts that it alone sees: only root can,
// without becoming somebody else.
bool mounts_missing() {
  static const bool own = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
                          mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  if (!own) WARN("SKIPPED: this user may not mount a file system");
  return !own;
}

// A small file system at a folder. After mounts_missing() was asked.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& options) {
    REQUIRE(mount("none", folder_.path().c_str(), "tmpfs", 0, (options + ",mode=711").c_str()) ==
            0);
  }
  ~SmallDisk() { CHECK(umount2(folder_.path().c_str(), 0) == 0); }
  const Path& path() const { return folder_.path(); }
  // Files until no more can be made.
  void take_all_inodes() const {
    for (int i = 0;; ++i)
      if (!Fd(::open((path() / ("f" + std::to_string(i))).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC,
                     0600)))
        return;
  }
  void give_back(int files) const {
    for (int i = 0; i < files; ++i) std::filesystem::remove(path() / ("f" + std::to_string(i)));
  }
  std::vector<std::string> sandboxes() const {
    std::vector<std::string> names;
    for (std::string& name : left_in(path()))
      if (!name.starts_with("f")) names.push_back(std::move(name));
    return names;
  }

 private:
  Folder folder_;
};

void check_no_room(const Run& run, const SmallDisk& disk) {
  INFO(run.reason << " | " << run.hint << " | " << seen_by(run));
  CHECK(run.verdict == Verdict::inconclusive);
  CHECK(run.cause == Cause::space);
  CHECK_FALSE(run.hint.empty());
  CHECK(disk.sandboxes() == std::vector<std::string>{});
}

// Limited to so many descriptors, by ulimit(1), and then the real worker.
Path worker_with(const Folder& folder, int descriptors) {
  const Path program =
      folder.write("worker", "#!/bin/sh\nulimit -n " + std::to_string(descriptors) +
                                 "\nexec " BACKPROOF_PROGRAM " \"$@\"\n");
  std::filesystem::permissions(program, std::filesystem::perms{0755});
  return program;
}

// The descriptors that a process has, the highest plus one.
rlim_t descriptors_of(pid_t pid) {
  rlim_t most = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
    most = std::max<rlim_t>(most, std::stoul(entry.path().filename().native()) + 1);
  return most;
}

void allow(pid_t pid, rlim_t descriptors) {
  const rlimit limit{descriptors, 4096};
  REQUIRE(prlimit(pid, RLIMIT_NOFILE, &limit, nullptr) == 0);
}

// Seconds of processor time that it has used.
double used_by(pid_t pid) {
  const auto stat = read_proc_stat(std::to_string(pid)).value();
  return static_cast<double>(stat.user_ticks + stat.system_ticks) /
         static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

TEST_CASE("SQLite: a scratch disk that is full or fills up is inconclusive: space") {
  if (mounts_missing()) return;
  const Folder folder;
  const Job job = job_of(make_shop(folder));
  const Orphans orphans;
  {
    const SmallDisk disk("size=1m");
    check_no_room(run_of(job, disk.path()), disk);
    // Told to go on without the reserve, it ends where the disk does.
    Job bold = job;
    bold.target.limits.scratch = 1U << 30U;
    const SmallDisk tiny("size=64k");
    check_no_room(run_of(bold, tiny.path()), tiny);
    // Of a dump nobody knows beforehand how much it takes.
    Job dump = bold;
    dump.backup = make_dump(folder);
    check_no_room(run_of(dump, tiny.path()), tiny);
  }
  {
    const SmallDisk large("size=200m");
    CHECK(run_of(job, large.path()).verdict == Verdict::passed);
  }
  orphans.check_none();
}

TEST_CASE("PostgreSQL: a scratch disk that is full or fills up is inconclusive: space") {
  if (mounts_missing() || pg_missing()) return;
  const Folder folder;
  const Job job = job_of(make_pg_plain(folder, "shop.sql"));
  const Orphans orphans;
  for (const int mib : {1, 8, 30, 45, 60}) {
    INFO(mib);
    const SmallDisk disk("size=" + std::to_string(mib) + "m");
    check_no_room(run_of(job, disk.path()), disk);
    Job bold = job;
    bold.target.limits.scratch = 1U << 30U;
    const Run run = run_of(bold, disk.path());
    INFO(run.reason);
    if (run.verdict != Verdict::passed) check_no_room(run, disk);
  }
  orphans.check_none();
}

TEST_CASE("SQLite: without an inode in scratch a run is inconclusive: space, and then goes on") {
  if (mounts_missing()) return;
  const Folder folder;
  const Job job = job_of(make_shop(folder));
  const SmallDisk disk("size=200m,nr_inodes=20");
  disk.take_all_inodes();
  const Run none = run_of(job, disk.path());
  check_no_room(none, disk);
  CHECK(none.reason.find("inode") != std::string::npos);
  // Room for the sandbox itself, and for little in it.
  int files = 0;
  for (int left = 1; left < 18; ++left) {
    disk.give_back(++files);
    const Run run = run_of(job, disk.path());
    INFO(left << " " << run.reason);
    if (run.verdict == Verdict::passed) break;
    check_no_room(run, disk);
  }
  CHECK(files > 1);
  // How many exist at once depends on who is faster: with two more it does not matter.
  for (int more = 0; more < 2; ++more) disk.give_back(++files);
  CHECK(run_of(job, disk.path()).verdict == Verdict::passed);
}

TEST_CASE("PostgreSQL: without inodes in scratch a run is inconclusive: space") {
  if (mounts_missing() || pg_missing()) return;
  const Folder folder;
  const Job job = job_of(make_pg_plain(folder, "shop.sql"));
  const Orphans orphans;
  for (const int inodes : {3, 5, 20, 300, 1000, 1100, 1400, 2000}) {
    INFO(inodes);
    const SmallDisk disk("size=400m,nr_inodes=" + std::to_string(inodes));
    const Run run = run_of(job, disk.path());
    check_no_room(run, disk);
  }
  orphans.check_none();
}

TEST_CASE("without a descriptor for its worker a run says so, and the next one has it") {
#ifdef BACKPROOF_SANITIZED
  WARN("left out: a sanitizer looks at memory through a pipe, and takes its lack for an error");
  return;
#endif
  const Folder folder;
  const Scratch scratch;
  const Job job = job_of(make_shop(folder));
  const Orphans orphans;
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  const int lowest = dup(0);
  close(lowest);
  int passed = 0;
  for (int more = 0; more < 40; ++more) {
    INFO(more);
    const rlimit few{static_cast<rlim_t>(lowest + more), limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
    const Run run = run_of(job, scratch.path());
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    INFO(run.reason);
    CHECK(left_in(scratch.path()) == std::vector<std::string>{});
    if (run.verdict == Verdict::passed) {
      ++passed;
      continue;
    }
    CHECK(run.verdict == Verdict::inconclusive);
    const bool says_so = run.reason.find("Too many open files") != std::string::npos;
    CHECK(says_so);
  }
  CHECK(passed > 0);
  CHECK(passed < 40);
  CHECK(run_of(job, scratch.path()).verdict == Verdict::passed);
  orphans.check_none();
}

TEST_CASE("a worker that may open few files proves nothing, neither good nor bad") {
  const Folder folder;
  const Scratch scratch;
  const Orphans orphans;
  const auto sweep = [&](const Path& backup, int from, int to, int step) {
    int passed = 0;
    for (int descriptors = from; descriptors < to; descriptors += step) {
      const Run run = run_of(job_of(backup), scratch.path(), worker_with(folder, descriptors));
      INFO(backup << " with " << descriptors << ": " << name_of(run.verdict) << ' '
                  << name_of(run.cause) << ' ' << run.reason);
      CHECK(run.verdict != Verdict::failed);
      CHECK(left_in(scratch.path()) == std::vector<std::string>{});
      if (run.verdict == Verdict::passed) ++passed;
    }
    CHECK(passed > 0);
  };
  sweep(make_shop(folder), 4, 40, 1);
  sweep(make_dump(folder), 4, 40, 2);
  if (!pg_missing()) sweep(make_pg_plain(folder, "shop-pg.sql"), 6, 200, 12);
  orphans.check_none();
}

TEST_CASE("a service without descriptors waits for them, and then verifies") {
  const Orphans orphans;
  CrashSite site(CrashSite::Engine::sqlite);
  Server server(site.config());
  const auto settled = [&](const std::string&) {
    return site.is_settled("good") && site.is_settled("bad");
  };
  server.wait_for("/-/ready", settled);
  const auto counters = counters_of(server.get("/metrics"));
  // None at all: who asks waits, and is not waited for by burning the processor.
  allow(server.pid(), descriptors_of(server.pid()));
  {
    const Fd scrape = connected_to(server.address());
    std::jthread asking([&] { (void)ask_service(site.state(), {"pending", "nothing"}); });
    const double before = used_by(server.pid());
    poll(nullptr, 0, 1000);
    CHECK(used_by(server.pid()) - before < 0.15);
    allow(server.pid(), 4096);
  }
  // Some, but too few for a worker.
  for (rlim_t more = 2; more < 16; more += 2) {
    INFO(more);
    server.wait_for("/-/ready", [](const std::string&) { return true; });
    allow(server.pid(), descriptors_of(server.pid()) + more);
    const auto run = ask_service(site.state(), {"verify", "good"});
    const Stopwatch watch;
    while (run && watch.took() < 3s) {
      const auto pending = ask_service(site.state(), {"pending", *run});
      if (pending && *pending == "no") break;
    }
    allow(server.pid(), 4096);
  }
  const auto run = ask_service(site.state(), {"verify", "good"});
  server.wait_for("/-/ready", [&](const std::string&) {
    const auto pending = run ? ask_service(site.state(), {"pending", *run}) : run.error();
    return !run || (pending && *pending == "no");
  });
  server.wait_for("/-/ready", settled);
  for (const Run& each : site.runs_of("good")) {
    INFO(each.reason);
    CHECK(each.finished);
    CHECK(each.verdict != Verdict::failed);
    if (each.verdict == Verdict::inconclusive)
      CHECK(each.reason.find("Too many open files") != std::string::npos);
  }
  check_not_lower(counters, counters_of(server.get("/metrics")));
  server.signal(SIGTERM);
  CHECK(server.wait().exit_code == 0);
  orphans.check_none();
  site.check_nothing_left();
}
