// SPDX-License-Identifier: Apache-2.0
#include "runner/worker_account.h"

#include <signal.h>

#include <algorithm>

#include "base/text.h"
#include "model/begun_run.h"
#include "model/log_line.h"

namespace backproof {
namespace {

constexpr std::size_t most_stderr = 64U << 10U;
constexpr std::size_t longest_log_line = 1000;
// A worker sends five a second; a hostile one as many as it can.
constexpr Duration between_progress = std::chrono::milliseconds(50);
// A worker tells of its run when a stage begins or ends, and in the end: 15 lines. What parsing
// may cost in all is bounded by these two.
constexpr std::size_t most_run_lines = 64, most_run_bytes = 4 * longest_event;

std::string in_stage(Stage stage) {
  return " in stage " + std::string(name_of(stage));
}

std::string hint_for_signal(int number) {
  if (number == SIGKILL)
    return "the kernel kills processes like this when memory runs out: see the kernel's log";
  if (number == SIGSYS) return "the worker made a system call that its jail does not allow";
  return "a defect of backproof or of a library that this backup brings out: please report it";
}

}  // namespace

WorkerAccount::WorkerAccount(const Job& job, const Clock& clock, const RunEvents& events)
    : clock_(&clock),
      events_(&events),
      watch_(clock),
      identity_(begun_run(job, clock.now())),
      claims_(job),
      limits_(job.target.limits),
      pauses_(job.pauses) {}

void WorkerAccount::heard(std::string_view bytes) {
  lines_.feed(bytes);
  while (const auto line = lines_.next()) {
    // Nothing may follow the result.
    if (has_result_ || !affordable(*line)) {
      ++malformed_;
    } else if (auto event = parse_event(*line)) {
      take(*std::move(event));
      notice_stage();
    } else {
      ++malformed_;
    }
  }
}

bool WorkerAccount::affordable(std::string_view line) {
  if (!is_run_line(line)) return true;
  run_bytes_ += line.size();
  return ++run_lines_ <= most_run_lines && run_bytes_ <= most_run_bytes;
}

void WorkerAccount::take(WorkerEvent event) {
  if (event.run) {
    latest_ = *std::move(event.run);
    progress_.reset();  // of a stage before: what is fetched is fetched before the sandbox
    claims_.pin(latest_, clock_->now());
    has_result_ = event.last;
    impose(latest_);
    if (!has_result_) events_->stage_changed(latest_);
    return;
  }
  if (event.pause) return begin(*event.pause);
  const bool new_stage = !progress_ || progress_->stage < event.progress->stage;
  progress_ = event.progress;
  const Duration now = clock_->elapsed();
  if (!new_stage && now - progress_forwarded_ < between_progress) return;
  progress_forwarded_ = now;
  events_->progress(*progress_);
}

void WorkerAccount::begin(const Paused& pause) {
  bool& ordered = pause.at == Pause::before_restore  ? pauses_.before_restore
                  : pause.at == Pause::after_restore ? pauses_.after_restore
                                                     : pauses_.after_check;
  if (std::exchange(ordered, false))
    pause_ = pause;
  else
    ++malformed_;
}

void WorkerAccount::said(std::string_view bytes) {
  const std::size_t room = most_stderr - std::min(most_stderr, stderr_.size());
  stderr_ += bytes.substr(0, room);
  stderr_cut_ = stderr_cut_ || bytes.size() > room;
}

void WorkerAccount::used(std::uintmax_t anonymous_bytes) {
  max_anonymous_ = std::max(max_anonymous_, anonymous_bytes);
}

void WorkerAccount::impose(Run& run) const {
  const Duration elapsed = watch_.took();
  run.id = identity_.id;
  run.target = identity_.target;
  run.trigger = identity_.trigger;
  run.attempt = identity_.attempt;
  run.started = identity_.started;
  run.scheduled = identity_.scheduled;
  run.took = elapsed;
  for (StageResult& stage : run.stages)
    stage.took = std::clamp(stage.took, Duration::zero(), elapsed);
  for (CheckResult& check : run.checks)
    check.took = std::clamp(check.took, Duration::zero(), elapsed);
  claims_.impose(run, identity_.started, clock_->now());
}

// The latest of which anything was heard.
Stage WorkerAccount::running_stage() const {
  Stage stage = latest_.stages.empty() ? Stage::select : latest_.stages.back().stage;
  if (progress_) stage = std::max(stage, progress_->stage);
  return stage;
}

// Puts an error into the stage that was under way; the time nobody accounted for was spent there.
void WorkerAccount::fail(Run& run, Stage stage, const Error& error) const {
  if (run.stages.empty() || run.stages.back().stage != stage) run.stages.push_back({stage, {}, {}});
  Duration accounted{};
  for (const StageResult& each : run.stages) accounted += each.took;
  StageResult& last = run.stages.back();
  last.took += std::max(watch_.took() - accounted, Duration::zero());
  if (!last.error) last.error = error;
}

// Stages only follow each other: a worker that says otherwise wins no time by it.
void WorkerAccount::notice_stage() {
  const Stage now = running_stage();
  if (now <= stage_) return;
  stage_ = now;
  stage_since_ = watch_.took();
}

Duration WorkerAccount::left_of_stage() const {
  const auto limit = limits_.stage_timeouts.find(stage_);
  return limit == limits_.stage_timeouts.end() ? Duration::max()
                                               : limit->second - (watch_.took() - stage_since_);
}

Duration WorkerAccount::left() const {
  return std::min(limits_.timeout - watch_.took(), left_of_stage());
}

Error WorkerAccount::out_of_time() const {
  const std::string stage(name_of(stage_));
  if (left_of_stage() <= Duration::zero())
    return {Cause::timeout,
            "stage " + stage + " may take " +
                text::format_duration(limits_.stage_timeouts.at(stage_)) + " and was ended after " +
                text::format_duration(watch_.took() - stage_since_),
            "raise the target's stage_timeout." + stage + " if it is just that slow"};
  return {Cause::timeout,
          "the time limit of " + text::format_duration(limits_.timeout) + " was reached" +
              in_stage(stage_) + " after " + text::format_duration(watch_.took()),
          "raise the target's timeout if the restore is just that slow"};
}

Error WorkerAccount::reason_for(Departure departure, const Ended& ended) const {
  const std::string where = in_stage(running_stage());
  switch (departure) {
    case Departure::out_of_time:
      return out_of_time();
    case Departure::cancelled:
      return {Cause::cancelled,
              "the run was cancelled" + where + " after " + text::format_duration(watch_.took()),
              ""};
    case Departure::lost:
      return {Cause::internal, "the worker could not be followed" + where, ""};
    case Departure::by_itself:
      break;
  }
  if (ended.signal == SIGXCPU)
    return {Cause::timeout,
            "the limit of " + text::format_duration(limits_.cpu) +
                " of processor time was reached" + where,
            "raise the target's max_cpu if the restore takes that much"};
  if (ended.signal != 0)
    return {Cause::crashed, "the worker was " + ended.str() + where, hint_for_signal(ended.signal)};
  if (ended.exit_code != 0)
    return {Cause::crashed, "the worker ended with " + ended.str() + where, ""};
  return {Cause::internal, "the worker ended without a result" + where, ""};
}

void WorkerAccount::add_log(Run& run) const {
  const TimePoint now = clock_->now();
  for (const std::string_view line : text::split(stderr_, '\n'))
    if (!line.empty())
      run.log.push_back({now,
                         text::printable(line, longest_log_line),
                         log::Level::warn,
                         {},
                         {{"from", "stderr"}}});
  if (stderr_cut_)
    run.log.push_back(
        {now, "the worker wrote more than 64 KiB: the rest is dropped", log::Level::warn, {}, {}});
}

// The verdict is derived again from what the run holds. Where the worker came to the same, its
// words stay: it may have known more.
Run WorkerAccount::concluded(Run run) const {
  run.took = watch_.took();
  run.finished = true;
  Run again = run;
  conclude(again);
  const bool agreed = again.verdict == run.verdict && again.cause == run.cause && has_result_;
  if (agreed && run.verdict != Verdict::passed) return run;
  return again;
}

Run WorkerAccount::close(Departure departure, const Ended& ended) {
  if (latest_.id.empty()) impose(latest_);  // it never said a thing
  Run run = latest_;
  const bool believed = departure == Departure::by_itself && ended.ok() && has_result_;
  if (!believed) {
    const Error why = reason_for(departure, ended);
    fail(run, running_stage(), why);
    run.log.push_back({clock_->now(),
                       why.text,
                       log::Level::warn,
                       run.stages.back().stage,
                       {{"cause", std::string(name_of(why.cause))}}});
  }
  run.resources.user = ended.user;
  run.resources.system = ended.system;
  run.resources.max_rss = ended.max_rss;
  run.resources.max_anonymous =
      std::max(std::min(run.resources.max_anonymous, ended.max_rss), max_anonymous_);
  if (const std::uint64_t odd = malformed_ + lines_.dropped(); odd > 0) {
    run.findings.push_back({Severity::warning, Cause::none,
                            "the worker sent " + text::plural(odd, "line") +
                                " that no worker of "
                                "this version sends"});
    run.log.push_back(finding_line(run.findings.back(), clock_->now()));
  }
  add_log(run);
  return concluded(std::move(run));
}

Run WorkerAccount::without_worker(const Error& error) {
  Run run;
  impose(run);
  fail(run, Stage::sandbox, error);
  return concluded(std::move(run));
}

}  // namespace backproof
