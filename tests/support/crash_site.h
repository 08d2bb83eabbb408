// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "history/history.h"
#include "model/event.h"
#include "support/program.h"

// Where tests kill what runs, and look at what is left.
namespace backproof::test {

// A real worker that waits wherever a stage begins or ends, once it has told so. For one run at a
// time, followed by run_in_worker() in this process or in a child of it.
class StageGate {
 public:
  StageGate();
  // Of the worker, for run_in_worker(). Not with sanitizers, which want to be loaded first.
  const Path& program() const { return program_; }
  // The worker goes on to where its next stage begins or ends.
  void open() const;

 private:
  Folder folder_;
  Path program_;
  Fd pipe_;
};

// True, after saying so, where a StageGate cannot be.
bool gate_missing();

// All processes below this one, in no order. An orphan of them stays below it while Orphans lives.
std::vector<pid_t> descendants_of(pid_t parent);
// "postgres", as /proc/PID/comm says; empty when it is gone.
std::string name_of_process(pid_t pid);
// The server's first process among these; 0: none.
pid_t postmaster_among(const std::vector<pid_t>& processes);
// The verification's worker among these; 0: none.
pid_t worker_among(const std::vector<pid_t>& processes);

// Whatever loses its parent becomes a child of this process, and so cannot hide.
class Orphans {
 public:
  Orphans();
  ~Orphans();
  // That within half a minute there is no process below this one but those of `expected` (which is
  // then not waited for), and that no mount has come.
  void check_none(const std::set<pid_t>& expected = {}) const;

 private:
  std::set<std::string> mounts_;
};

// What must only rise: counters and what counts in histograms, by series as on the page.
std::map<std::string, double> counters_of(const std::string& page);
void check_not_lower(const std::map<std::string, double>& before,
                     const std::map<std::string, double>& now);

// A configuration with two targets: "good" with one good backup, "bad" with one damaged backup.
// None is due by itself after its first run; what was interrupted is.
class CrashSite {
 public:
  enum class Engine { sqlite, postgresql };
  explicit CrashSite(Engine engine);
  Path config() const { return folder_ / "backproof.toml"; }
  Path state() const { return folder_ / "state"; }
  const Path& scratch() const { return scratch_.path(); }

  // In a child: this target is verified as the service would, with a gated worker. `at` is called
  // in the child for each event (worker, the run so far), and may end it. The child's pid.
  pid_t supervise(const std::string& target, const StageGate& gate,
                  const std::function<void(pid_t worker, const Run&)>& at) const;

  // All runs of the target, last first. Opened anew each time, as a service that starts does.
  std::vector<Run> runs_of(const std::string& target) const;
  // That the last run of the target came to its right verdict, and nothing goes on.
  bool is_settled(const std::string& target) const;
  // What must hold of the history at any time: no false verdict, nothing lost since this was asked
  // last, nothing counted twice; and, when all is settled, nothing left.
  void check_history(bool settled);
  void check_nothing_left() const;

 private:
  Folder folder_;
  Scratch scratch_;
  std::set<std::string> known_;  // ids of runs
};

}  // namespace backproof::test
