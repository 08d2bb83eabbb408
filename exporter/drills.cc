// SPDX-License-Identifier: Apache-2.0
#include "exporter/drills.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "model/begun_run.h"
#include "runner/look.h"
#include "runner/remember.h"
#include "runner/worker.h"

namespace backproof {
namespace {

constexpr const char* this_program = "/proc/self/exe";

// The target's own backup was verified, whoever asked for it.
Run verify_recorded(Job job, const Path& scratch, HistoryStore& history, const Clock& clock,
                    const std::stop_token& stop, const RunEvents& events) {
  job.memory = remember(history, job.target.name, job.chosen);
  const auto begun = history.begin(begun_run(job, clock.now()));
  Run run = run_in_worker(job, this_program, scratch, clock, stop, events);
  const auto finished = begun ? history.finish(run) : begun;
  if (!finished)
    log::error("a run could not be recorded",
               {{"target", run.target}, {"run", run.id}, {"error", finished.error().str()}});
  return run;
}

// Two at a time would find each other's backups. The lock ends with the process.
Result<Fd> lock_drill(const Path& state_dir, const std::string& target) {
  Sha256 name;
  name.update(as_bytes(target));
  const Path file = state_dir / ("drill-" + name.hex().substr(0, 16) + ".lock");
  Fd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return errno_error(Cause::internal, "cannot open " + text::printable(file.native()));
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  return Error{Cause::internal, "another drill of " + text::quote_shell(target) + " goes on",
               "wait for its end"};
}

}  // namespace

drill::Tools drill_tools(const Config& config, HistoryStore& history, const Clock& clock) {
  drill::Tools tools;
  const Path scratch = config.scratch_dir;
  tools.scratch = scratch;
  tools.program = this_program;
  tools.seen_before = [&history](const Run& run) {
    const auto earlier = history.list({run.target, {}, 1000});
    return earlier && std::ranges::any_of(*earlier, [&](const Run& other) {
             return other.id != run.id && !run.backup.sha256.empty() &&
                    other.backup.sha256 == run.backup.sha256;
           });
  };
  tools.work = [scratch, &clock](Job job, const std::stop_token& stop, const RunEvents& events) {
    return run_in_worker(std::move(job), this_program, scratch, clock, stop, events);
  };
  tools.verify = [scratch, &history, &clock](Job job, const std::stop_token& stop,
                                             const RunEvents& events) {
    return verify_recorded(std::move(job), scratch, history, clock, stop, events);
  };
  tools.survey = [scratch, &history, &clock](const Target& target) -> Result<Survey> {
    Problems problems;
    const Plan plan = make_plan(target, problems);
    if (!problems.empty() || plan.source == nullptr)
      return Error{Cause::fetch,
                   problems.empty() ? "the target has no source" : problems.front().text, ""};
    std::size_t looks = SIZE_MAX;
    return survey(plan, history, looker_in(scratch), clock.now(), looks);
  };
  return tools;
}

Result<Drill> run_recorded_drill(const drill::Order& order, const Config& config,
                                 HistoryStore& history, const Clock& clock,
                                 const std::stop_token& stop) {
  TRY(drill::may_be_drilled(order, config.scratch_dir));
  TRY_ASSIGN(const Fd lock, lock_drill(config.state_dir, order.target.name));
  Drill begun;
  begun.id = new_run_id(clock.now());
  begun.target = order.target.name;
  begun.trigger = order.trigger;
  begun.started = clock.now();
  TRY(history.begin(begun));
  Drill drill = drill::run_drill(order, begun.id, drill_tools(config, history, clock), clock, stop);
  // What came out is known and said, whether or not it can be recorded.
  if (const auto recorded = history.finish(drill); !recorded)
    log::error("a drill could not be recorded",
               {{"target", drill.target}, {"error", recorded.error().str()}});
  return drill;
}

}  // namespace backproof
