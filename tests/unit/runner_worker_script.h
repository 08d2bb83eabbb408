// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "runner/worker.h"
#include "runner/worker_protocol.h"
#include "support/support.h"

// Workers made of a few lines of shell, so that they can do what a real one never should.
namespace backproof::test {

using namespace std::chrono_literals;

// A run that passes, as a worker would report it.
inline Run passing() {
  Run run;
  run.id = "20200101T000000Z-00000000";
  run.target = "forged target";
  run.trigger = "forged";
  run.attempt = 77;
  run.finished = true;
  run.isolation = Isolation::full;
  run.restored = true;
  for (const Stage stage : all_stages) run.stages.push_back({stage, 1ms, {}});
  CheckResult check;
  check.check = "integrity";
  check.verdict = Verdict::passed;
  check.cause = Cause::none;
  check.looked_at_data = true;
  run.checks = {check};
  run.resources.max_anonymous = 12345;
  run.resources.scratch = 678;
  conclude(run);
  REQUIRE(run.verdict == Verdict::passed);
  return run;
}

// The run so far of a worker that is restoring.
inline Run restoring() {
  Run run = passing();
  run.finished = false;
  run.checks.clear();
  run.restored = false;
  run.stages.resize(5);
  REQUIRE(run.stages.back().stage == Stage::restore);
  return run;
}

// A worker made of a few lines of shell. $result and $restoring name files with such events.
class Worker {
 public:
  explicit Worker(const std::string& script) : scratch_(folder_ / "scratch") {
    folder_.write("result", run_line(RunEvent::result, passing()));
    folder_.write("restoring", run_line(RunEvent::so_far, restoring()));
    program_ = folder_.write("program",
                             "#!/bin/sh\nhere=$(dirname \"$0\")\nresult=$here/result\n"
                             "restoring=$here/restoring\n" +
                                 script);
    std::filesystem::permissions(program_, std::filesystem::perms{0755});
    job_.run_id = "20261123T143454Z-1f0c9a3e";
    job_.trigger = "schedule";
    job_.attempt = 2;
    job_.target.name = "crm";
    job_.target.checks = {{"integrity", {}}};
    job_.target.limits.timeout = 1min;
  }

  Run run(Duration timeout = 1min) {
    job_.target.limits.timeout = timeout;
    Run run = run_in_worker(job_, program_, scratch_, system_clock(), stop_.get_token(), events_);
    CHECK(run.finished);
    CHECK(run.id == job_.run_id);
    return run;
  }

  const Folder& folder() const { return folder_; }
  const Path& scratch() const { return scratch_; }
  std::string file(const char* name) const { return read_file(folder_ / name).value(); }
  std::stop_source& stop() { return stop_; }
  RunEvents& events() { return events_; }
  Job& job() { return job_; }
  void set_program(const Path& program) { program_ = program; }

 private:
  Folder folder_;
  Path scratch_, program_;
  Job job_;
  std::stop_source stop_;
  RunEvents events_;
};

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace backproof::test
