// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/text.h"
#include "exporter/commands/command.h"
#include "exporter/report.h"
#include "model/run_json.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, id, format;
  bool log = false;
};

// Every form has its use with one of the two only.
Result<log::Format> log_format(const Arguments& arguments) {
  if (arguments.format.empty()) return log::Format::logfmt;
  return log::format_named(arguments.format);
}

int print_log(const Run& run, log::Format format) {
  if (run.finished && run.log.empty()) {
    std::cerr << "backproof: no log of run " << text::printable(run.id)
              << " is kept any more (retention.logs, retention.logs_per_target)\n";
    return code_of(Exit::passed);
  }
  std::cout << report_log(run, format);
  return code_of(Exit::passed);
}

void print(const Run& run) {
  const bool is_gone = run.finished && run.log.empty();
  std::cout << report(run) << "\nlog\n"
            << (is_gone ? "no longer kept\n" : report_log(run, log::Format::logfmt));
}

int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const auto format = log_format(arguments);
  if (arguments.log && !format) return complain(format.error());
  if (!arguments.log && arguments.format == "logfmt")
    return complain({Cause::internal, "a report is text or json", "--log prints the log alone"});
  const auto history = open_existing_history(*config);
  if (!history) return complain(history.error());
  const auto found = (*history)->find(arguments.id);
  if (!found) return complain(found.error());
  if (!*found)
    return complain({Cause::internal, "no run " + text::quote_shell(arguments.id),
                     "backproof history lists them"});
  if (arguments.log) return print_log(**found, *format);
  if (arguments.format == "json")
    std::cout << to_json(**found, true, 2) << '\n';
  else
    print(**found);
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind show_command;
constinit const CommandKind show_command{
    "show", "show one run with its log", true, [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("RUN", a->id, "its id, or the beginning of it")->required();
      app.add_option("--config.file", a->config, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_flag("--log", a->log, "only its log, a line an event");
      app.add_option("--format", a->format,
                     "text (default) or json; of a log logfmt (default) or json")
          ->check(CLI::IsMember({"text", "json", "logfmt"}));
      return [a] { return run(*a); };
    }};

}  // namespace backproof
