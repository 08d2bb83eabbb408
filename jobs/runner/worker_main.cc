// SPDX-License-Identifier: Apache-2.0
// The worker's side of the protocol.
#include <limits.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "base/read_pace.h"
#include "runner/damage/make_copy.h"
#include "runner/plan.h"
#include "runner/verify.h"
#include "runner/worker.h"
#include "runner/worker_protocol.h"

namespace backproof {
namespace {

constexpr int event_fd = 3;
constexpr Duration between_progress = std::chrono::milliseconds(200);

// A write that fails says that the supervisor is gone: the parent-death signal ends this process.
void send(const std::string& line) {
  (void)write_all(event_fd, as_bytes(line));
}

// Sends what the run tells, progress at most five times a second and at every new stage.
class Sender {
 public:
  explicit Sender(const Clock& clock) : clock_(&clock) {}
  RunEvents events() {
    RunEvents events;
    events.progress = [this](const Progress& progress) { progressed(progress); };
    events.stage_changed = [](const Run& run) { send(run_line(RunEvent::so_far, run)); };
    events.paused = [](const Paused& paused) {
      send(pause_line(paused));
      char go_on = 0;
      return ::read(event_fd, &go_on, 1) == 1;
    };
    return events;
  }

 private:
  void progressed(const Progress& progress) {
    const Duration now = clock_->elapsed();
    if (stage_ == progress.stage && now - sent_ < between_progress) return;
    stage_ = progress.stage;
    sent_ = now;
    send(progress_line(progress));
  }
  const Clock* clock_;
  std::optional<Stage> stage_;
  Duration sent_{};
};

// Whoever asks for results, and whatever else this host is there for, comes before a verification.
// What it starts inherits all of this, and none of it is needed for a true verdict.
void make_room_for_others(const Limits& limits) {
  errno = 0;
  const int now = getpriority(PRIO_PROCESS, 0);
  // One that is nicer already stays so.
  if (errno == 0 && now < limits.nice) (void)setpriority(PRIO_PROCESS, 0, limits.nice);
  // ioprio_set(2), which has no declaration: class and level of this process.
  constexpr int process = 1, class_shift = 13, best_effort = 2, idle = 3, last_level = 7;
  if (limits.io != IoPriority::normal)
    syscall(SYS_ioprio_set, process, 0,
            limits.io == IoPriority::idle ? idle << class_shift
                                          : best_effort << class_shift | last_level);
  if (limits.cpu > Duration{}) {
    const auto seconds =
        static_cast<rlim_t>(std::chrono::ceil<std::chrono::seconds>(limits.cpu).count());
    const rlimit limit{seconds, seconds + 1};  // SIGXCPU says what it was, SIGKILL would not
    (void)setrlimit(RLIMIT_CPU, &limit);
  }
  pace_reading(limits.read_rate);
}

// A run that could not even begin.
Run refused(const Job& job, const Error& error, const Clock& clock) {
  Run run;
  run.id = job.run_id;
  run.target = job.target.name;
  run.started = clock.now();
  run.finished = true;
  run.stages.push_back({Stage::select, {}, error});
  conclude(run);
  return run;
}

Run work(const Clock& clock) {
  const auto text = read_job_text();
  if (!text) return refused({}, text.error(), clock);
  const auto job = job_from_json(*text);
  if (!job) return refused({}, job.error(), clock);
  Problems problems;
  const Plan plan = make_plan(job->target, problems);
  if (!problems.empty())
    return refused(*job, {Cause::internal, problems.front().text, problems.front().hint}, clock);
  make_room_for_others(job->target.limits);
  Sender sender(clock);
  return job->damage ? damage::make_copy(*job, plan, clock, sender.events())
                     : verify(*job, plan, clock, sender.events());
}

}  // namespace

int worker_main() {
  // Whatever was inherited by mistake: nothing of the parent's may reach the jail.
  syscall(SYS_close_range, event_fd + 1, UINT_MAX, 0U);
  send(run_line(RunEvent::result, work(system_clock())));
  // Not through exit(): what runs there may need what the jail refuses (a leak checker traces its
  // own process), and nothing of it is needed.
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace backproof
