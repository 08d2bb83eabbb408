// SPDX-License-Identifier: Apache-2.0
#include "runner/selftest.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <optional>
#include <system_error>

#include "base/text.h"
#include "runner/bring.h"
#include "runner/damage/edits.h"
#include "runner/damage/make_copy.h"
#include "runner/manifest_beside.h"
#include "runner/plan.h"
#include "runner/worker.h"
#include "runner/worker_sandbox.h"

namespace backproof {
namespace {

constexpr std::string_view unchanged_hint =
    "it says nothing of the verifier; verify the target again";

// Empty where none lies there.
Path manifest_of(const Path& backup, const Target& target) {
  std::error_code error;
  Path path = manifest_path(backup, target.manifest);
  return std::filesystem::is_regular_file(path, error) ? path : Path();
}

// Reasons that lie in this machine and not in the copy that was verified.
bool is_circumstance(Cause cause) {
  constexpr std::array circumstances{Cause::fetch,     Cause::decrypt,     Cause::space,
                                     Cause::timeout,   Cause::isolation,   Cause::missing_tool,
                                     Cause::cancelled, Cause::interrupted, Cause::internal};
  return std::ranges::find(circumstances, cause) != circumstances.end();
}

// A warning of `run` that `before` did not have; empty without any.
std::string new_warning(const Run& run, const Run& before) {
  for (const Finding& finding : run.findings)
    if (std::ranges::find(before.findings, finding) == before.findings.end()) return finding.text;
  return "";
}

// A check that is set to warn, did, and had not before; empty without any.
std::string new_check_warning(const Run& run, const Run& before) {
  const auto warned = [](const Run& of, const CheckResult& like) {
    return std::ranges::any_of(of.checks, [&](const CheckResult& check) {
      return check.verdict == Verdict::failed && check.check == like.check &&
             check.subject == like.subject;
    });
  };
  for (const CheckResult& check : run.checks)
    if (check.verdict == Verdict::failed && !check.enforced && !warned(before, check))
      return check.check + (check.subject.empty() ? "" : " ") + check.subject;
  return "";
}

// The kernel's time of a copy is that of its backup: freshness is measured from it. The copy was
// made by a process that hostile bytes may have taken over, so nothing is followed.
Result<void> date_copy(const Path& copy, const Path& box, const timespec& time) {
  std::error_code error;
  const Path expected =
      std::filesystem::canonical(box, error) / damage::copy_folder / copy.filename();
  if (error || std::filesystem::canonical(copy, error) != expected || error)
    return Error{Cause::internal, "the copy is not where it should be", ""};
  struct stat there {};
  const Path timed = std::filesystem::is_directory(copy, error) ? copy / "toc.dat" : copy;
  if (lstat(timed.c_str(), &there) != 0 || !S_ISREG(there.st_mode))
    return Error{Cause::internal, "the copy is no file", ""};
  const std::array times{time, time};
  if (utimensat(AT_FDCWD, timed.c_str(), times.data(), AT_SYMLINK_NOFOLLOW) == 0) return {};
  return errno_error(Cause::internal, "cannot date the copy");
}

Result<void> take_time(const Path& copy, const Path& box, const Path& backup) {
  std::error_code error;
  const Path source = std::filesystem::is_directory(backup, error) ? backup / "toc.dat" : backup;
  struct stat original {};
  if (stat(source.c_str(), &original) != 0)
    return errno_error(Cause::fetch, "cannot look at the backup");
  return date_copy(copy, box, original.st_mtim);
}

timespec timespec_of(TimePoint t) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
  return {std::chrono::system_clock::to_time_t(
              std::chrono::system_clock::time_point(seconds.time_since_epoch())),
          std::chrono::nanoseconds(t - seconds).count()};
}

// Of the runs that passed the newest whose backup its source still has, as it was then.
std::optional<Backup> still_listed(const std::vector<Run>& passed, const Listing& listing) {
  for (const Run& run : passed)
    for (const Backup& backup : listing.backups) {
      const bool same = backup.id == run.backup.id && backup.modified == run.backup.modified;
      if (!same) continue;
      Backup found = backup;
      found.sha256 = run.backup.sha256;
      return found;
    }
  return std::nullopt;
}

// The newest older backup of the target's source; empty where there is none.
Path older_backup(const Plan& plan, const Backup& than, TimePoint now) {
  if (!plan.source) return {};
  const auto listing = plan.source->list(now);
  if (!listing) return {};
  const Backup* newest = nullptr;
  for (const Backup& backup : listing->backups)
    if (backup.path != than.path && backup.created < than.created &&
        (newest == nullptr || backup.created > newest->created))
      newest = &backup;
  return newest == nullptr ? Path() : newest->path;
}

// One self-test while it goes on.
class Tester {
 public:
  Tester(const SelftestOrder& order, const SelftestTools& tools, const Clock& clock,
         const std::stop_token& stop)
      : order_(order), target_(order.target), tools_(tools), clock_(clock), stop_(stop) {
    test_.id = new_run_id(clock.now());
    test_.target = order.target.name;
    test_.trigger = order.trigger;
    test_.started = clock.now();
    test_.seed = order.seed;
  }

  Selftest run(const HistoryStore& history) {
    const Stopwatch watch(clock_);
    if (const auto ready = prepare(history); !ready) {
      test_.reason = ready.error().str();
    } else if (verify_undamaged()) {
      for (const DamageInfo& damage : all_damage_kinds) {
        if (stop_.stop_requested()) break;
        test_.trials.push_back(trial(damage.kind));
        order_.tried(test_.trials.back());
      }
    }
    if (here_)
      if (const auto closed = here_->close(); !closed && test_.reason.empty())
        test_.reason = "the copy of the backup was left behind: " + closed.error().text;
    test_.took = watch.took();
    conclude(test_);
    return std::move(test_);
  }

 private:
  Result<void> prepare(const HistoryStore& history) {
    TRY_ASSIGN(std::vector<Run> passed,
               history.list({test_.target, Verdict::passed, memory_length}));
    if (passed.empty())
      return Error{Cause::fetch, "no backup of this target has passed yet",
                   "verify it first: a self-test damages copies of a backup that is good"};
    Problems problems;
    const Plan plan = make_plan(order_.target, problems);
    TRY_ASSIGN(const Format format, find_backup(plan, passed));
    test_.backup = backup_.path.empty() ? backup_.id : backup_.path.native();
    test_.sha256 = backup_.sha256;
    test_.format = format.containers;
    test_.format += (test_.format.empty() ? "" : " ") + format.name;
    // Its own passes are none of other backups.
    std::erase_if(passed, [&](const Run& run) { return run.backup.sha256 == backup_.sha256; });
    memory_ = memory_of(passed);
    brought_ = backup_.path.empty() || order_.target.decrypt;
    if (brought_) return bring_here();
    manifest_ = manifest_of(backup_.path, order_.target);
    test_.manifest = !manifest_.empty();
    older_ = older_backup(plan, backup_, clock_.now());
    return {};
  }

  // Backups are rotated away; an older one that passed says as much of the verifier.
  Result<Format> find_backup(const Plan& plan, const std::vector<Run>& passed) {
    std::optional<Backup> found;
    if (plan.source && plan.source->fetches()) {
      TRY_ASSIGN(const Listing listing, plan.source->list(clock_.now(), stop_));
      found = still_listed(passed, listing);
    } else {
      std::error_code error;
      const auto there = std::ranges::find_if(
          passed, [&](const Run& run) { return std::filesystem::exists(run.backup.path, error); });
      if (there != passed.end()) found = there->backup;
    }
    const Backup& newest = passed.front().backup;
    if (!found)
      return Error{Cause::fetch,
                   "none of the backups that passed is there any more; the newest was " +
                       text::printable(newest.path.empty() ? newest.id : newest.path.native()),
                   "verify the target again"};
    backup_ = *std::move(found);
    return std::ranges::find_if(passed,
                                [&](const Run& run) { return run.backup.sha256 == backup_.sha256; })
        ->format;
  }

  // What cannot be read where it is becomes a copy here, once, and is damaged in its stead.
  Result<void> bring_here() {
    TRY_ASSIGN(WorkerSandbox box, WorkerSandbox::create(tools_.scratch, new_run_id(clock_.now())));
    here_.emplace(std::move(box));
    Job job = new_job();
    if (backup_.path.empty())
      job.chosen = backup_;
    else
      job.backup = backup_.path;
    job.sandbox = here_->path();
    job.damage = DamageOrder{std::nullopt, order_.seed, {}, {}};
    const Run run = tools_.copy(job, stop_);
    TRY(made(run));
    if (!run.backup.sha256.empty() && run.backup.sha256 != backup_.sha256)
      return Error{Cause::fetch, "the backup is not the one that passed: its sha256 differs",
                   std::string(unchanged_hint)};
    // What was decrypted has a sum of its own, which the undamaged copy tells.
    if (target_.decrypt) backup_.sha256.clear();
    target_.decrypt.reset();
    const Path name = backup_.path.empty() ? brought_file(here_->path()) : backup_.path;
    backup_.path = here_->path() / damage::copy_folder / name.filename();
    const TimePoint time = backup_.created == TimePoint{} ? clock_.now() : backup_.created;
    return date_copy(backup_.path, here_->path(), timespec_of(time));
  }

  bool verify_undamaged() {
    Result<Run> run = verified_copy(std::nullopt);
    if (!run) {
      test_.reason = "no copy of the backup could be made: " + run.error().str();
      return false;
    }
    undamaged_ = *std::move(run);
    if (backup_.sha256.empty()) backup_.sha256 = undamaged_.backup.sha256;
    if (undamaged_.backup.sha256 != backup_.sha256) {
      test_.reason =
          "the backup is not the one that passed: its sha256 differs, or it could not "
          "be read to its end; " +
          std::string(unchanged_hint);
      return false;
    }
    if (undamaged_.verdict == Verdict::passed) return true;
    const bool failed = undamaged_.verdict == Verdict::failed;
    test_.result = failed ? Verdict::failed : Verdict::inconclusive;
    test_.reason = std::string("an undamaged copy ") +
                   (failed ? "failed: " : "could not be verified: ") + undamaged_.reason;
    return false;
  }

  Trial trial(DamageKind kind) {
    if (kind == DamageKind::stale_copy && older_.empty())
      return skipped(kind, TrialResult::not_applicable,
                     brought_ ? "only one backup is fetched or decrypted for a self-test"
                              : "the source holds no older backup");
    const Result<Run> run = verified_copy(kind);
    if (!run && run.error().cause == Cause::none)
      return skipped(kind, TrialResult::not_applicable, run.error().text);
    if (!run) return skipped(kind, TrialResult::undecided, run.error().str());
    if (!backup_.sha256.empty() && run->backup.sha256 == backup_.sha256)
      return skipped(
          kind,
          kind == DamageKind::stale_copy ? TrialResult::not_applicable : TrialResult::undecided,
          "the copy has the same bytes as the backup");
    return judged(kind, *run, undamaged_, test_.manifest);
  }

  static Trial skipped(DamageKind kind, TrialResult result, std::string why) {
    return {kind, result, Verdict::inconclusive, Cause::none, std::move(why)};
  }

  // Makes the copy, verifies it and removes it. An Error of cause none: the backup cannot have
  // this damage.
  Result<Run> verified_copy(std::optional<DamageKind> kind) {
    TRY_ASSIGN(WorkerSandbox box, WorkerSandbox::create(tools_.scratch, new_run_id(clock_.now())));
    Job job = new_job();
    job.backup = backup_.path;
    job.sandbox = box.path();
    job.damage = DamageOrder{kind, order_.seed, older_, manifest_};
    TRY(made(tools_.copy(job, stop_)));
    const Path copy = box.path() / damage::copy_folder / backup_.path.filename();
    TRY(take_time(copy, box.path(), backup_.path));
    job = new_job();
    job.backup = copy;
    job.memory = memory_;
    Run run = tools_.verify(job, stop_);
    TRY(box.close());
    return run;
  }

  Job new_job() const {
    Job job;
    job.run_id = new_run_id(clock_.now());
    job.trigger = "selftest";
    job.target = target_;
    return job;
  }

  static Result<void> made(const Run& run) {
    if (run.restored) return {};
    for (const StageResult& stage : run.stages)
      if (stage.error) return Error{run.cause, run.reason, run.hint};
    if (run.findings.empty()) return Error{Cause::internal, run.reason, run.hint};
    return damage::not_applicable(run.findings.back().text);
  }

  const SelftestOrder& order_;
  Target target_;
  const SelftestTools& tools_;
  const Clock& clock_;
  const std::stop_token& stop_;
  Selftest test_;
  Backup backup_;
  bool brought_ = false;  // backup_.path is a copy in here_
  std::optional<WorkerSandbox> here_;
  Path manifest_, older_;
  Memory memory_;
  Run undamaged_;
};

}  // namespace

SelftestTools selftest_tools(const Path& program, const Path& scratch, const Clock& clock) {
  return {[program, &clock](const Job& job, const std::stop_token& stop) {
            return copy_in_worker(job, program, clock, stop);
          },
          [program, scratch, &clock](const Job& job, const std::stop_token& stop) {
            return run_in_worker(job, program, scratch, clock, stop, {});
          },
          scratch};
}

Trial judged(DamageKind kind, const Run& run, const Run& undamaged, bool manifest) {
  Trial trial{kind, TrialResult::caught, run.verdict, run.cause, run.reason};
  if (run.verdict == Verdict::failed) return trial;
  if (run.verdict == Verdict::inconclusive) {
    trial.result = is_circumstance(run.cause) ? TrialResult::undecided : TrialResult::missed;
    return trial;
  }
  if (kind == DamageKind::stale_copy && was_compared_with_manifest(run)) {
    trial.result = TrialResult::not_applicable;
    trial.reason = "the older backup holds what the manifest of the newest says";
    return trial;
  }
  const std::string warning = new_warning(run, undamaged);
  const std::string check = new_check_warning(run, undamaged);
  if (!warning.empty()) trial.reason = "passed with a warning: " + warning;
  if (!check.empty()) trial.reason = "passed, but a check warned: " + check;
  switch (info_of(kind).expectation) {
    case Expectation::fails:
      trial.result = TrialResult::missed;
      break;
    case Expectation::manifest:
      trial.result = manifest ? TrialResult::missed : TrialResult::needs_manifest;
      break;
    case Expectation::noticed:
      trial.result = warning.empty() ? TrialResult::missed : TrialResult::caught;
      break;
  }
  return trial;
}

Selftest run_selftest(const SelftestOrder& order, const HistoryStore& history,
                      const SelftestTools& tools, const Clock& clock, const std::stop_token& stop) {
  return Tester(order, tools, clock, stop).run(history);
}

}  // namespace backproof
