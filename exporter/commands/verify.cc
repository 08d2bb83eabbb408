// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>

#include "base/text.h"
#include "engines/engine.h"
#include "exporter/commands/command.h"
#include "exporter/control.h"
#include "exporter/metrics/page.h"
#include "exporter/progress_bar.h"
#include "exporter/report.h"
#include "exporter/signals.h"
#include "model/begun_run.h"
#include "model/run_json.h"
#include "runner/look.h"
#include "runner/observe.h"
#include "runner/remember.h"
#include "runner/selection.h"
#include "runner/worker.h"

namespace backproof {
namespace {

struct Arguments {
  std::vector<std::string> backups;
  std::string config, target, format = "text", engine = "auto", isolation = "full";
  std::string timeout = "6h", scratch, textfile;
  bool quiet = false, wait = false;
};

// What is verified and where: from the configuration, or for files named without one.
struct Work {
  Target target;
  const Plan* plan;  // null where files are named
  Path scratch;
  std::unique_ptr<HistoryStore> history;  // null: nothing is recorded
};

Result<Work> configured_work(const Arguments& arguments, const LoadedConfig& loaded) {
  TRY_ASSIGN(const Target* const found, target_named(loaded.config, arguments.target));
  const auto plan = loaded.plans.begin() + (found - loaded.config.targets.data());
  Work work{*found, &*plan, loaded.config.scratch_dir, nullptr};
  TRY(make_folder(work.scratch));
  // A file named by hand says nothing of the target's own backups, so it is not recorded as one.
  if (!arguments.backups.empty()) {
    work.target.name.clear();
    work.plan = nullptr;
    return work;
  }
  const TimePoint now = system_clock().now();
  TRY_ASSIGN(work.history, open_history(loaded.config));
  TRY(work.history->recover(now));
  TRY(work.history->sight(work.target.name, now));
  return work;
}

Result<Work> one_off_work(const Arguments& arguments) {
  Work work{};
  work.target = one_off_target("");
  work.target.engine.kind = arguments.engine;
  TRY_ASSIGN(work.target.limits.timeout, text::parse_duration(arguments.timeout));
  if (work.target.limits.timeout < std::chrono::seconds(1))
    return Error{Cause::internal, "--timeout is less than a second", "write it like 30m"};
  work.target.limits.require_isolation =
      isolation_named(arguments.isolation).value_or(Isolation::full);
  work.scratch =
      arguments.scratch.empty() ? std::filesystem::temp_directory_path() : Path(arguments.scratch);
  if (!std::filesystem::is_directory(work.scratch))
    return Error{Cause::internal, "no folder " + text::quote_shell(work.scratch.native()),
                 "--scratch-dir names one that exists"};
  return work;
}

Job job_for(const Work& work, const std::string& backup) {
  Job job;
  job.run_id = new_run_id(system_clock().now());
  job.target = work.target;
  if (!backup.empty()) job.backup = std::filesystem::absolute(backup);
  if (job.target.name.empty()) job.target.name = job.backup.native();
  return job;
}

void print(const Run& run, const Arguments& arguments) {
  if (arguments.quiet) return;
  if (arguments.format == "json")
    std::cout << to_json(run) << std::endl;
  else
    std::cout << report(run) << std::endl;
}

// Failed is worse than inconclusive: the backup is known to be bad.
Exit worse(Exit a, Exit b) {
  const auto rank = [](Exit e) { return e == Exit::failed ? 2 : e == Exit::inconclusive ? 1 : 0; };
  return rank(a) >= rank(b) ? a : b;
}

Run verify_one(const Job& job, const Work& work, const Arguments& arguments,
               const std::stop_token& stop) {
  ProgressBar bar(!arguments.quiet, system_clock());
  RunEvents events;
  events.progress = [&](const Progress& progress) { bar.show(progress); };
  Run run = run_in_worker(job, "/proc/self/exe", work.scratch, system_clock(), stop, events);
  bar.clear();
  return run;
}

Exit verify_named(const Work& work, const Arguments& arguments, const std::stop_token& stop) {
  Exit exit = Exit::passed;
  for (const std::string& backup : arguments.backups) {
    const Run run = verify_one(job_for(work, backup), work, arguments, stop);
    print(run, arguments);
    exit = worse(exit, exit_for(run.verdict));
    if (stop.stop_requested()) break;
  }
  return exit;
}

// Recorded as it begins and as it ends.
Result<Exit> verify_recorded(const Work& work, Job job, const Result<Selection>& selection,
                             const Arguments& arguments, const std::stop_token& stop) {
  job.memory = remember(*work.history, job.target.name, job.chosen);
  const TimePoint now = system_clock().now();
  TRY(work.history->begin(begun_run(job, now)));
  const Run run = selection ? verify_one(job, work, arguments, stop)
                            : without_backup(job, selection.error(), now);
  print(run, arguments);
  // The verdict is known and said, whether or not it can be recorded.
  if (const auto recorded = work.history->finish(run); !recorded) complain(recorded.error());
  return exit_for(run.verdict);
}

// What the target's policy says, as at a due time that is now.
Result<Exit> verify_target(const Work& work, const Arguments& arguments,
                           const std::stop_token& stop) {
  const auto selection = select_backups(*work.plan, work.plan->target.select, *work.history,
                                        looker_in(work.scratch), system_clock().now(), {}, stop);
  if (!selection) return verify_recorded(work, job_for(work, ""), selection, arguments, stop);
  if (selection->picks.empty() && !arguments.quiet)
    std::cerr << "backproof: nothing to do: every backup of " << text::quote_shell(work.target.name)
              << " was verified\n";
  Exit exit = Exit::passed;
  std::vector<std::string> notes = selection->notes;
  for (const Pick& pick : selection->picks) {
    Job job = job_for(work, "");
    give(job, pick, notes);
    notes.clear();
    TRY_ASSIGN(const Exit one, verify_recorded(work, std::move(job), selection, arguments, stop));
    exit = worse(exit, one);
    if (stop.stop_requested()) break;
  }
  return exit;
}

// What the service would show of every target, for a collector that reads files.
Result<void> write_textfile(const Path& file, const LoadedConfig& loaded, HistoryStore& history) {
  Snapshot snapshot;
  const TimePoint now = system_clock().now();
  const Looker looker = looker_in(loaded.config.scratch_dir);
  for (const Plan& plan : loaded.plans) {
    TRY(history.sight(plan.target.name, now));
    TRY_ASSIGN(TargetState state, observe(plan, history, looker, now));
    snapshot.targets.push_back(std::move(state));
  }
  return write_atomic(file, metrics::target_page(snapshot), 0644);
}

Result<void> check_textfile(const Arguments& arguments) {
  if (arguments.textfile.empty()) return {};
  if (arguments.target.empty() || !arguments.backups.empty())
    return Error{Cause::internal, "--textfile tells of the targets of a configuration",
                 "give it with --config.file and --target, and no files"};
  if (arguments.textfile.ends_with(".prom")) return {};
  return Error{Cause::internal, "the collector reads files that end in .prom only",
               "write it like --textfile /var/lib/prometheus/node-exporter/backproof.prom"};
}

// Has the service verify the target, and says what came of it. Until then the run is the service's
// own: whoever waits may go away.
Result<Exit> verify_by_service(const Config& config, const Arguments& arguments,
                               const std::stop_token& stop) {
  constexpr std::chrono::milliseconds between_looks{200};
  TRY_ASSIGN(const std::string id, ask_service(config.state_dir, {"verify", arguments.target}));
  if (!arguments.quiet) std::cerr << "backproof: run " << id << " waits for the service\n";
  TRY_ASSIGN(const auto history, open_existing_history(config));
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    // Asked first: what has ended since is in the history.
    const auto pending = ask_service(config.state_dir, {"pending", id});
    TRY_ASSIGN(const auto found, history->find(id));
    if (found && found->finished) {
      print(*found, arguments);
      return exit_for(found->verdict);
    }
    if (!pending) return pending.error();
    if (*pending != "yes")
      return Error{Cause::internal, "the service dropped run " + id,
                   "its target may have been removed from the configuration"};
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, between_looks, [] { return false; });
  }
  return Error{Cause::internal, "run " + id + " goes on in the service",
               "backproof cancel " + id + " ends it"};
}

Result<void> check_wait(const Arguments& arguments) {
  if (!arguments.wait) return {};
  if (!arguments.target.empty() && arguments.backups.empty() && arguments.textfile.empty())
    return {};
  return Error{Cause::internal, "--wait has the service verify a target of its configuration",
               "give it with --config.file and --target, and no files"};
}

int run(const Arguments& arguments) {
  if (const auto fits = check_wait(arguments); !fits) return complain(fits.error());
  if (const auto fits = check_textfile(arguments); !fits) return complain(fits.error());
  if (arguments.config.empty() != arguments.target.empty())
    return complain({Cause::internal, "--config.file and --target go together", ""});
  if (arguments.config.empty() && arguments.backups.empty())
    return complain(
        {Cause::internal, "nothing to verify", "name a backup, or --config.file and --target"});
  if (arguments.wait) {
    const auto config = read_or_complain(arguments.config);
    if (!config) return code_of(Exit::usage);
    const StopOnSignal signals;
    const auto exit = verify_by_service(*config, arguments, signals.token());
    return exit ? code_of(*exit) : complain(exit.error());
  }
  std::optional<LoadedConfig> loaded;
  if (!arguments.config.empty() && !(loaded = load_or_complain(arguments.config)))
    return code_of(Exit::usage);
  const StopOnSignal signals;
  Result<Work> work = loaded ? configured_work(arguments, *loaded) : one_off_work(arguments);
  if (!work) return complain(work.error());
  // What an earlier process that was killed could not remove.
  sweep_sandboxes(work->scratch);
  if (work->plan == nullptr) return code_of(verify_named(*work, arguments, signals.token()));
  const Result<Exit> exit = verify_target(*work, arguments, signals.token());
  if (!arguments.textfile.empty())
    if (const auto told = write_textfile(arguments.textfile, *loaded, *work->history); !told)
      return complain(told.error());
  return exit ? code_of(*exit) : complain(exit.error());
}

std::function<int()> define(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  std::vector<std::string> engines{"auto"};
  for (const EngineKind* kind : all_engines()) engines.emplace_back(kind->name);
  app.add_option("BACKUP", a->backups,
                 "backup files; with --target they are verified by its settings, but not recorded")
      ->type_name("FILE");
  CLI::Option* config = app.add_option("--config.file", a->config,
                                       "configuration file, with --target: verifies the backups "
                                       "that the target's policy chooses, "
                                       "the newest unless it says otherwise, and records the runs")
                            ->type_name("FILE");
  app.add_option("--target", a->target, "a target of the configuration")->type_name("NAME");
  app.add_option("--format", a->format, "text, or json: one document a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.add_option("--engine", a->engine, "what the backup must be (see kinds)")
      ->check(CLI::IsMember(engines))
      ->capture_default_str()
      ->excludes(config);
  app.add_option("--require-isolation", a->isolation, "full, partial or none: less is inconclusive")
      ->check(CLI::IsMember({"full", "partial", "none"}))
      ->capture_default_str()
      ->excludes(config);
  app.add_option("--timeout", a->timeout, "of one verification")
      ->type_name("DURATION")
      ->capture_default_str()
      ->excludes(config);
  app.add_option("--scratch-dir", a->scratch,
                 "existing folder in which the sandbox is made (default: TMPDIR or /tmp)")
      ->type_name("DIR")
      ->excludes(config);
  app.add_option("--textfile", a->textfile,
                 "with --target: afterwards, write the series of all targets of the configuration "
                 "to this file, for node_exporter's textfile collector")
      ->type_name("FILE");
  app.add_flag(
      "--wait", a->wait,
      "with --target: have the service that runs with this configuration do it now, before "
      "all that waits, and wait for the result");
  app.add_flag("-q,--quiet", a->quiet, "print nothing but errors");
  app.footer("Exit code: 0 passed, 1 failed, 2 inconclusive (the worst of several), 64 usage.");
  return [a] { return run(*a); };
}

}  // namespace

extern const CommandKind verify_command;
constinit const CommandKind verify_command{"verify", "verify backups now and say what was found",
                                           true, define};

}  // namespace backproof
