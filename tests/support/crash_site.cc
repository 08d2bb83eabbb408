// SPDX-License-Identifier: Apache-2.0
#include "support/crash_site.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>

#include "base/text.h"
#include "exporter/config.h"
#include "runner/scheduler.h"
#include "runner/worker.h"
#include "support/pg_damage.h"

namespace backproof::test {
namespace {

constexpr Duration patience = std::chrono::seconds(30);

// The fourth field of /proc/PID/stat; 0 when the process is gone.
pid_t parent_of(const std::string& process) {
  const auto stat = read_file("/proc/" + process + "/stat");
  if (!stat) return 0;
  std::istringstream rest(stat->substr(stat->rfind(')') + 1));
  char state = 0;
  pid_t parent = 0;
  rest >> state >> parent;
  return parent;
}

// Where something is mounted among temporary files, as a sandbox would be.
std::set<std::string> mounts() {
  std::set<std::string> points;
  const std::string all = read_file("/proc/self/mountinfo", 16U << 20U).value();
  for (const std::string_view line : text::split(all, '\n'))
    if (const auto words = text::split(line, ' ');
        words.size() > 4 && words[4].starts_with(std::filesystem::temp_directory_path().native()))
      points.emplace(words[4]);
  return points;
}

// A pause of a moment in which others get the processor.
void breathe() {
  poll(nullptr, 0, 2);
}

SchedulerSettings settings_of(const Config& config) {
  SchedulerSettings settings;
  settings.scratch = config.scratch_dir;
  settings.sweep = [scratch = config.scratch_dir] { return sweep_sandboxes(scratch); };
  return settings;
}

void supervise_to_its_end(const Path& file, const std::string& target, const StageGate& gate,
                          const std::function<void(pid_t, const Run&)>& at) {
  ConfigResult read = load_config(file);
  const Config& config = read.loaded->config;
  const auto history = HistoryStore::open(config.history_file()).value();
  if (!history->recover(system_clock().now())) _exit(90);
  Published<Snapshot> published{Snapshot{}};
  const auto runner = [&](const Job& job, std::stop_token stop, RunEvents events) {
    events.stage_changed = [&](const Run& run) {
      at(worker_among(descendants_of(getpid())), run);
      gate.open();
    };
    return run_in_worker(job, gate.program(), config.scratch_dir, system_clock(), stop, events);
  };
  Scheduler scheduler(settings_of(config), *history, system_clock(), runner, published);
  if (!scheduler.configure(std::move(read.loaded->plans), config.retention)) _exit(91);
  scheduler.start();
  scheduler.wait_for_listing(patience);
  const auto run = scheduler.verify_now(target);
  if (!run) _exit(92);
  while (scheduler.is_pending(*run)) breathe();
  REQUIRE(scheduler.stop());
}

}  // namespace

bool gate_missing() {
#ifdef BACKPROOF_SANITIZED
  WARN("SKIPPED: a sanitizer wants to be loaded before the gate");
  return true;
#else
  return false;
#endif
}

StageGate::StageGate() {
  const Path fifo = folder_ / "gate";
  REQUIRE(mkfifo(fifo.c_str(), 0644) == 0);
  pipe_ = Fd(::open(fifo.c_str(), O_RDWR | O_CLOEXEC));  // both ends: nobody waits for the other
  REQUIRE(pipe_);
  program_ = folder_.write("worker", "#!/bin/sh\nBACKPROOF_STAGE_GATE='" + fifo.native() +
                                         "' LD_PRELOAD='" BACKPROOF_STAGE_GATE
                                         "' exec " BACKPROOF_PROGRAM " \"$@\"\n");
  std::filesystem::permissions(program_, std::filesystem::perms{0755});
}

void StageGate::open() const {
  (void)!::write(pipe_.get(), "", 1);
}

std::vector<pid_t> descendants_of(pid_t parent) {
  std::multimap<pid_t, pid_t> children;
  std::error_code error;
  for (std::filesystem::directory_iterator it("/proc", error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (const auto pid = text::parse_count(name))
      children.emplace(parent_of(name), static_cast<pid_t>(*pid));
  }
  std::vector<pid_t> all;
  std::vector<pid_t> next{parent};
  while (!next.empty()) {
    const auto [begin, end] = children.equal_range(next.back());
    next.pop_back();
    for (auto it = begin; it != end; ++it) {
      all.push_back(it->second);
      next.push_back(it->second);
    }
  }
  return all;
}

std::string name_of_process(pid_t pid) {
  const auto name = read_file("/proc/" + std::to_string(pid) + "/comm");
  return name ? std::string(text::trim(*name)) : "";
}

pid_t postmaster_among(const std::vector<pid_t>& processes) {
  for (const pid_t pid : processes)
    if (name_of_process(pid) == "postgres" &&
        name_of_process(parent_of(std::to_string(pid))) != "postgres")
      return pid;
  return 0;
}

pid_t worker_among(const std::vector<pid_t>& processes) {
  for (const pid_t pid : processes) {
    const auto words = read_file("/proc/" + std::to_string(pid) + "/cmdline");
    if (words && words->find(std::string("\0work", 5)) != std::string::npos) return pid;
  }
  return 0;
}

Orphans::Orphans() : mounts_(mounts()) {
  REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
}

Orphans::~Orphans() {
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}

void Orphans::check_none(const std::set<pid_t>& expected) const {
  const Stopwatch watch;
  std::string left = "?";
  while (!left.empty() && watch.took() < patience) {
    left.clear();
    for (const pid_t pid : descendants_of(getpid())) {
      if (expected.contains(pid)) continue;
      if (waitpid(pid, nullptr, WNOHANG) != pid)
        left += std::to_string(pid) + ' ' + name_of_process(pid) + '\n';
    }
    if (!left.empty()) breathe();
  }
  CHECK(left == "");
  for (const std::string& point : mounts()) {
    INFO(point << " was mounted");
    CHECK(mounts_.contains(point));
  }
}

std::map<std::string, double> counters_of(const std::string& page) {
  std::map<std::string, double> values;
  std::set<std::string> counters;
  for (const std::string_view line : text::split(page, '\n')) {
    const auto words = text::split(line, ' ');
    if (line.starts_with("# TYPE ") && words.size() == 4) {
      const std::string name(words[2]);
      if (words[3] == "counter") counters.insert(name);
      if (words[3] == "histogram")
        for (const char* part : {"_bucket", "_sum", "_count"}) counters.insert(name + part);
    }
    const std::string name(line.substr(0, line.find_first_of("{ ")));
    // How long this process has lived is no count of what happened.
    if (!line.starts_with('#') && counters.contains(name) && name.starts_with("backproof_run"))
      values[std::string(line.substr(0, line.rfind(' ')))] =
          std::stod(std::string(line.substr(line.rfind(' ') + 1)));
  }
  return values;
}

void check_not_lower(const std::map<std::string, double>& before,
                     const std::map<std::string, double>& now) {
  for (const auto& [series, value] : before) {
    INFO(series);
    const auto found = now.find(series);
    CHECK((found != now.end() && found->second >= value));
  }
}

CrashSite::CrashSite(Engine engine) {
  for (const char* name : {"good", "bad"}) std::filesystem::create_directory(folder_ / name);
  if (engine == Engine::postgresql) {
    const std::string dump = pg_shop();
    folder_.write("good/shop.sql", dump);
    folder_.write("bad/shop.sql", dump.substr(0, dump.size() - 200));
  } else {
    std::string bytes = read_file(make_shop(folder_, "good/shop.db")).value();
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), 20'000, '\xff');
    folder_.write("bad/shop.db", bytes);
  }
  std::string toml = "state_dir = \"state\"\nscratch_dir = \"" + scratch_.path().native() + "\"\n";
  for (const std::string name : {"good", "bad"})
    toml += "[[target]]\nname = \"" + name + "\"\nschedule = \"@yearly\"\n" +
            "retry = { attempts = 20, delay = \"1s\", max_delay = \"1s\" }\n" +
            "source = { kind = \"directory\", path = \"" + name + "\", settle = \"0s\" }\n";
  folder_.write("backproof.toml", toml);
  std::filesystem::create_directory(state());
}

pid_t CrashSite::supervise(const std::string& target, const StageGate& gate,
                           const std::function<void(pid_t, const Run&)>& at) const {
  const pid_t pid = fork();
  REQUIRE(pid >= 0);
  if (pid > 0) return pid;
  try {
    const Fd quiet(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    dup2(quiet.get(), STDERR_FILENO);

    supervise_to_its_end(config(), target, gate, at);
    _exit(0);
  } catch (...) {
    _exit(99);
  }
}

std::vector<Run> CrashSite::runs_of(const std::string& target) const {
  const auto history = HistoryStore::open(state() / "history.sqlite");
  REQUIRE(history);
  RunQuery query;
  query.target = target;
  query.limit = 100'000;
  const auto runs = (*history)->list(query);
  REQUIRE(runs);
  return *runs;
}

bool CrashSite::is_settled(const std::string& target) const {
  const auto history = HistoryStore::open(state() / "history.sqlite");
  RunQuery query;
  query.target = target;
  query.limit = 1;
  const auto runs = history ? (*history)->list(query) : history.error();
  return runs && !runs->empty() && runs->front().finished &&
         runs->front().verdict == (target == "good" ? Verdict::passed : Verdict::failed);
}

void CrashSite::check_history(bool settled) {
  const auto history = HistoryStore::open(state() / "history.sqlite");
  REQUIRE(history);
  std::set<std::string> now;
  std::size_t all = 0;
  for (const std::string target : {"good", "bad"}) {
    std::size_t finished = 0;
    for (const Run& run : runs_of(target)) {
      INFO(target << " " << run.id << " " << name_of(run.verdict) << ": " << run.reason);
      CHECK((run.finished || !settled));
      // Whatever was killed, and whenever: no damaged backup passes, and no good one is blamed.
      if (run.finished)
        CHECK(run.verdict != (target == "good" ? Verdict::failed : Verdict::passed));
      // What was killed is made again by itself.
      if (run.finished && run.verdict == Verdict::inconclusive)
        CHECK((run.cause == Cause::interrupted || run.cause == Cause::crashed));
      finished += run.finished ? 1 : 0;
      now.insert(run.id);
      ++all;
    }
    const auto totals = (*history)->history_of(target);
    REQUIRE(totals);
    CHECK(totals->totals.runs == finished);
  }
  CHECK(now.size() == all);
  for (const std::string& id : known_) {
    INFO(id);
    CHECK(now.contains(id));
  }
  known_ = std::move(now);
}

void CrashSite::check_nothing_left() const {
  CHECK(left_in(scratch()) == std::vector<std::string>{});
  for (const auto& entry : std::filesystem::directory_iterator(state())) {
    const std::string name = entry.path().filename();
    INFO(name);
    CHECK((name.starts_with("history.sqlite") || name == "serve.lock" || name == "control.sock"));
  }
  // A lock a living service, if any.
  if (const Path owners = state() / "history.sqlite-owners"; std::filesystem::exists(owners)) {
    std::vector<std::string> locks;
    for (const auto& entry : std::filesystem::directory_iterator(owners))
      locks.push_back(entry.path().filename());
    CHECK(locks.size() <= 1);
  }
}

}  // namespace backproof::test
