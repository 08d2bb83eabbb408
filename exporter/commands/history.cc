// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "exporter/commands/command.h"
#include "exporter/report.h"
#include "model/run_json.h"

namespace backproof {
namespace {

struct Arguments {
  std::string config, target, verdict, format = "text";
  std::uint64_t limit = 50;
};

int run(const Arguments& arguments) {
  const auto config = read_or_complain(arguments.config);
  if (!config) return code_of(Exit::usage);
  const auto history = open_existing_history(*config);
  if (!history) return complain(history.error());
  const auto runs =
      (*history)->list({arguments.target, verdict_named(arguments.verdict), arguments.limit});
  if (!runs) return complain(runs.error());
  if (arguments.format == "text") {
    std::cout << report_table(*runs);
  } else {
    for (const Run& run : *runs) std::cout << to_json(run, false) << '\n';
  }
  return code_of(Exit::passed);
}

}  // namespace

extern const CommandKind history_command;
constinit const CommandKind history_command{
    "history", "list what was verified, newest first", true,
    [](CLI::App& app) -> std::function<int()> {
      const auto a = std::make_shared<Arguments>();
      app.add_option("--config.file", a->config, "configuration file")
          ->type_name("FILE")
          ->required();
      app.add_option("--target", a->target, "only runs of this target")->type_name("NAME");
      app.add_option("--verdict", a->verdict, "only runs with this verdict")
          ->check(CLI::IsMember({"passed", "failed", "inconclusive"}));
      app.add_option("--limit", a->limit, "at most so many runs")
          ->type_name("N")
          ->check(CLI::Range(1, 100000))
          ->capture_default_str();
      app.add_option("--format", a->format, "text, or json: one document a line")
          ->check(CLI::IsMember({"text", "json"}))
          ->capture_default_str();
      return [a] { return run(*a); };
    }};

}  // namespace backproof
