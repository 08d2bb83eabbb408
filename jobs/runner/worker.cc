// SPDX-License-Identifier: Apache-2.0
// The supervisor's side: a worker's life from its sandbox to the run that is left of it.
#include "runner/worker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "base/process.h"
#include "base/text.h"
#include "model/log_line.h"
#include "runner/server_setup.h"
#include "runner/usage.h"
#include "runner/worker_account.h"
#include "runner/worker_environment.h"
#include "runner/worker_protocol.h"
#include "runner/worker_sandbox.h"

namespace backproof {
namespace {

// What may still sit in a pipe whose writers are dead: at most its capacity.
constexpr std::size_t most_left_in_pipe = 2U << 20U;
constexpr Duration between_samples = std::chrono::milliseconds(250);

// A descriptor that becomes readable when a stop is requested.
class StopSignal {
 public:
  explicit StopSignal(const std::stop_token& stop)
      : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), callback_(stop, Raise{fd_.get()}) {}
  int fd() const { return fd_.get(); }

 private:
  struct Raise {
    int fd;
    void operator()() const noexcept { eventfd_write(fd, 1); }
  };
  Fd fd_;
  std::stop_callback<Raise> callback_;
};

// Reads once what is there; false at the end of the pipe.
template <typename Take>
bool read_once(int fd, const Take& take, std::size_t& got) {
  std::array<char, 1U << 16U> buffer;
  const ssize_t n = read(fd, buffer.data(), buffer.size());
  got = n > 0 ? static_cast<std::size_t>(n) : 0;
  if (n > 0) take(std::string_view(buffer.data(), got));
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

// Follows one child by polling its pidfd, its pipes and the wish to stop. One thread.
class Follower {
 public:
  Follower(Child& child, WorkerAccount& account, const RunEvents& events, Path sandbox,
           const Clock& clock)
      : child_(&child),
        account_(&account),
        events_(&events),
        sandbox_(std::move(sandbox)),
        watch_(clock) {
    // Without it the worker's own numbers remain.
    auto status = open_readonly("/proc/" + std::to_string(child.pid()) + "/status");
    if (status) status_ = *std::move(status);
  }

  Departure until_end(const StopSignal& stop) {
    std::array<pollfd, 5> fds{{{child_->pidfd(), POLLIN, 0},
                               {stop.fd(), POLLIN, 0},
                               {child_->events(), POLLIN, 0},
                               {child_->err(), POLLIN, 0},
                               {child_->out(), POLLIN, 0}}};
    while (true) {
      const Duration left = account_->left();
      if (left <= Duration::zero()) return Departure::out_of_time;
      sample();
      const auto ms =
          std::chrono::ceil<std::chrono::milliseconds>(std::min(left, between_samples)).count();
      const int ready = poll(fds.data(), fds.size(), static_cast<int>(ms));
      if (ready < 0 && errno != EINTR) return Departure::lost;
      if (ready <= 0) continue;
      if (fds[0].revents != 0) return Departure::by_itself;
      if (fds[1].revents != 0) return Departure::cancelled;
      for (std::size_t i = 2; i < fds.size(); ++i)
        if (fds[i].revents != 0 && !take(fds[i].fd)) fds[i].fd = -1;  // poll() passes over it
      if (const auto pause = account_->take_pause(); pause && !answer(*pause))
        return Departure::cancelled;
    }
  }

  // Ends the child if it has not ended, and takes in what it had still written.
  Ended finish(Departure departure) {
    if (departure != Departure::by_itself) child_->kill_group();
    const Ended ended = child_->wait();
    for (const int fd : {child_->events(), child_->err()}) {
      std::size_t total = 0;
      while (total < most_left_in_pipe && take(fd) && got_ > 0) total += got_;
    }
    return ended;
  }

 private:
  // The worker's own samples can miss a peak, and a worker that was taken over can be silent.
  void sample() {
    if (!status_ || (sampled_ && watch_.took() - *sampled_ < between_samples)) return;
    sampled_ = watch_.took();
    account_->used(anonymous_bytes_of(status_.get()));
  }

  // The worker waits for one byte, and nothing of it is read meanwhile.
  bool answer(const Paused& pause) {
    return events_->paused({pause.at, sandbox_, pause.database}) &&
           ::send(child_->events(), "", 1, MSG_NOSIGNAL) == 1;
  }

  bool take(int fd) {
    if (fd == child_->events())
      return read_once(
          fd, [&](std::string_view bytes) { account_->heard(bytes); }, got_);
    if (fd == child_->err())
      return read_once(
          fd, [&](std::string_view bytes) { account_->said(bytes); }, got_);
    return read_once(
        fd, [](std::string_view) {}, got_);  // a worker has nothing to say on stdout
  }

  Child* child_;
  WorkerAccount* account_;
  const RunEvents* events_;
  Path sandbox_;
  Stopwatch watch_;
  Fd status_;  // the worker's /proc/PID/status
  std::optional<Duration> sampled_;
  std::size_t got_ = 0;
};

Run follow(const Job& job, const Path& program, const StopSignal& stop, WorkerAccount& account,
           const RunEvents& events, const Clock& clock) {
  auto child =
      Child::start({{program.string(), "work"}, worker_environment(job.sandbox), to_json(job)},
                   Child::Extra::event_channel);
  if (!child) return account.without_worker(child.error());
  Follower follower(*child, account, events, job.sandbox, clock);
  const Departure departure = follower.until_end(stop);
  const Ended ended = follower.finish(departure);
  return account.close(departure, ended);
}

void warn(Run& run, std::string text, const Clock& clock) {
  run.findings.push_back({Severity::warning, Cause::none, std::move(text)});
  run.log.push_back(finding_line(run.findings.back(), clock.now()));
}

Run run_to_its_end(Job job, const Path& program, const Path& scratch, const Clock& clock,
                   const std::stop_token& stop, const RunEvents& events) {
  WorkerAccount account(job, clock, events);
  const StopSignal stop_signal(stop);
  if (stop_signal.fd() < 0)
    return account.without_worker(errno_error(Cause::internal, "cannot make an eventfd"));
  auto sandbox = WorkerSandbox::create(scratch, job.run_id);
  if (!sandbox) return account.without_worker(sandbox.error());
  job.sandbox = sandbox->path();
  job.templates = cluster_templates_in(scratch);
  if (!job.target.sandbox.server.empty()) job.database = database_for(job.run_id);
  if (const auto space = space_of(job.sandbox)) account.scratch_holds(space->size);
  Run run = follow(job, program, stop_signal, account, events, clock);
  for (std::string& text : clear_named_server(job)) warn(run, std::move(text), clock);
  rmdir(job.templates.c_str());  // stays when something is in it
  if (const auto removed = sandbox->close(); !removed) {
    warn(run, "the sandbox was left behind: " + removed.error().text, clock);
    conclude(run);
  }
  return run;
}

}  // namespace

Run run_in_worker(Job job, const Path& program, const Path& scratch, const Clock& clock,
                  const std::stop_token& stop, const RunEvents& events) {
  if (job.run_id.empty()) job.run_id = new_run_id(clock.now());
  Run run = run_to_its_end(std::move(job), program, scratch, clock, stop, events);
  run.log.push_back(end_line(run, clock.now()));
  cap_log(run.log);
  return run;
}

Run copy_in_worker(Job job, const Path& program, const Clock& clock, const std::stop_token& stop) {
  const RunEvents nobody;
  WorkerAccount account(job, clock, nobody);
  const StopSignal stop_signal(stop);
  if (stop_signal.fd() < 0)
    return account.without_worker(errno_error(Cause::internal, "cannot make an eventfd"));
  if (const auto space = space_of(job.sandbox)) account.scratch_holds(space->size);
  return follow(job, program, stop_signal, account, nobody, clock);
}

}  // namespace backproof
