// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/drill_report.h"
#include "exporter/drills.h"
#include "exporter/pages/drill.h"
#include "exporter/progress_bar.h"
#include "exporter/signals.h"
#include "runner/worker.h"

namespace backproof {
namespace {

struct Arguments {
  std::string target, config, format = "text", copy, html, command_output;
  bool yes = false, as_host = false;
};

// Somebody at a terminal says which target he means; scripts say --yes.
Result<void> confirmed(const Arguments& arguments) {
  if (arguments.yes) return {};
  if (isatty(STDIN_FILENO) == 0)
    return Error{Cause::internal, "a drill asks before it starts, and nobody is at the terminal",
                 "add --yes"};
  std::cerr << "A drill of " << text::printable(arguments.target)
            << (arguments.copy.empty()
                    ? " takes a backup of the live database, loses a stand-in of it in a sandbox, "
                    : " loses a stand-in of the live database in a sandbox, ")
            << "and restores.\nProduction is read, and written to by nothing but the canary. Type "
               "the target's name to start: "
            << std::flush;
  std::string said;
  std::getline(std::cin, said);
  if (said == arguments.target) return {};
  return Error{Cause::cancelled, "that is not the target's name: nothing was done", ""};
}

// Before anything is done: a report that cannot be written is missed at the end.
Result<void> check_files(const Arguments& arguments) {
  for (const std::string& name : {arguments.html, arguments.command_output}) {
    if (name.empty()) continue;
    const Path folder = std::filesystem::absolute(name).parent_path();
    if (access(folder.c_str(), W_OK) != 0)
      return errno_error(Cause::internal, "cannot write to " + text::printable(folder.native()));
  }
  return {};
}

// Stages as they begin, on stderr: the report comes when all is known.
void announce(const Drill& drill, ProgressBar& bar) {
  bar.clear();
  const DrillStageResult& stage = drill.stages.back();
  if (stage.took == Duration{} && !stage.error)
    std::cerr << "drill: " << name_of(stage.stage) << " ..." << std::endl;
}

Result<Drill> drill_it(const Arguments& arguments, const Config& config, const Target& target,
                       HistoryStore& history) {
  const StopOnSignal signals;
  drill::Order order;
  order.target = target;
  if (!arguments.copy.empty()) order.copy = std::filesystem::absolute(arguments.copy);
  order.as_host = arguments.as_host;
  if (!arguments.command_output.empty())
    order.command_output = std::filesystem::absolute(arguments.command_output);
  const bool shown = arguments.format == "text";
  ProgressBar bar(shown, system_clock());
  if (shown) order.changed = [&](const Drill& drill) { announce(drill, bar); };
  order.progress = [&](const Progress& progress) { bar.show(progress); };
  TRY_ASSIGN(Drill drill,
             run_recorded_drill(order, config, history, system_clock(), signals.token()));
  bar.clear();
  return drill;
}

int run(const Arguments& arguments) {
  const auto loaded = load_or_complain(arguments.config);
  if (!loaded) return code_of(Exit::usage);
  const auto target = target_named(loaded->config, arguments.target);
  if (!target) return complain(target.error());
  if (const auto fit = check_files(arguments); !fit) return complain(fit.error());
  if (const auto yes = confirmed(arguments); !yes) return complain(yes.error());
  if (const auto made = make_folder(loaded->config.scratch_dir); !made)
    return complain(made.error());
  const auto history = open_history(loaded->config);
  if (!history) return complain(history.error());
  if (const auto closed = (*history)->recover(system_clock().now()); !closed)
    return complain(closed.error());
  sweep_sandboxes(loaded->config.scratch_dir);
  const auto drill = drill_it(arguments, loaded->config, **target, **history);
  if (!drill) return complain(drill.error());
  std::cout << (arguments.format == "json" ? to_json(*drill) + "\n" : drill_report_text(*drill))
            << std::flush;
  if (!arguments.html.empty())
    if (const auto written = write_atomic(arguments.html, drill_report_html(*drill)); !written)
      complain(written.error());
  return code_of(exit_for(drill->result));
}

std::function<int()> define(CLI::App& app) {
  const auto a = std::make_shared<Arguments>();
  app.add_option("TARGET", a->target, "a target of the configuration, with a drill")->required();
  app.add_option("--config.file", a->config, "configuration file")->type_name("FILE")->required();
  app.add_flag("--yes", a->yes, "start without asking");
  app.add_option("--from-copy", a->copy,
                 "drill this copy, a backup or a folder of backups, instead of a new backup")
      ->type_name("FILE");
  app.add_flag(
      "--as-host", a->as_host,
      "with --from-copy: this is the recovery host. Run it there with the configuration, "
      "the keys and the tools that would be left, and nothing else: what is missing fails");
  app.add_option("--html", a->html, "write the report to this file, too")->type_name("FILE");
  app.add_option("--command-output", a->command_output,
                 "file, for this user alone, that gets what the team's commands print")
      ->type_name("FILE");
  app.add_option("--format", a->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app.footer(
      "Takes a backup, loses a stand-in of production, restores, and proves what came back, by the "
      "clock.\nExit code: 0 proven, 1 the recovery does not work, 2 it could not be drilled, 64 "
      "usage.");
  return [a] { return run(*a); };
}

}  // namespace

extern const CommandKind drill_command;
constinit const CommandKind drill_command{
    "drill", "the whole recovery: back up, lose a stand-in, restore, prove, by the clock", true,
    define};

}  // namespace backproof
